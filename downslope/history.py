"""The record of a training."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class History:
    """What happened in a training, one entry for each finished epoch unless it says otherwise.

    The training curves of lecture L2. A plain record: it checks nothing.

    Attributes:
        batch_loss: Loss of each mini-batch, before the update that it led to.
        train_loss: Mean of the epoch's batch losses. The network learns while it is taken, so it
            lags half an epoch behind a validation loss.
        validation_loss: Loss on the validation examples after the epoch; empty without any.
        validation_accuracy: Share of them classified rightly; empty without any, or without
            classes.
        lr: Learning rate of the epoch's last update.
        best_epoch: 1-based epoch with the lowest validation loss; 0 before there is one.
        diverged: Whether the training was given up because of numbers that are not finite.
        note: Why it ended before the last epoch, in plain words; empty if it did not.

    >>> History(train_loss=[2.3, 0.7], validation_loss=[2.4, 0.9], best_epoch=2)
    History(2 epochs, train_loss 0.7, validation_loss 0.9)
    """

    batch_loss: list[float] = field(default_factory=list)
    train_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    best_epoch: int = 0
    diverged: bool = False
    note: str = ""

    @property
    def epochs(self) -> int:
        """Number of finished epochs.

        >>> History(train_loss=[2.3, 0.7]).epochs
        2
        """
        return len(self.train_loss)

    @property
    def latest(self) -> str:
        """The last epoch's losses in words; empty before there are any.

        >>> History(train_loss=[2.3, 0.7]).latest
        'train_loss 0.7'
        """
        parts = [f"train_loss {value:.4g}" for value in self.train_loss[-1:]]
        parts += [f"validation_loss {value:.4g}" for value in self.validation_loss[-1:]]
        return ", ".join(parts)

    def give_up(self, subject: str, became: str, *, lr: float) -> None:
        """Note that a number is no longer finite.

        >>> history = History()
        >>> history.give_up("the loss", "nan", lr=10)
        >>> history.note
        'training diverged: the loss became nan after update 0, in epoch 1, with lr = 10. A smaller
        lr, such as 1, is the first thing to try. The network is as it was before that epoch.'
        """
        lowest = f"; the lowest loss was {min(self.batch_loss):.4g}" if self.batch_loss else ""
        self.diverged = True
        self.note = (
            f"training diverged: {subject} became {became} after update {len(self.batch_loss)}, "
            f"in epoch {self.epochs + 1}, with lr = {lr:g}{lowest}. A smaller lr, such as "
            f"{lr / 10:g}, is the first thing to try. The network is as it was before that epoch."
        )

    def stop_early(self, patience: int) -> None:
        """Note that the validation loss has not fallen for `patience` epochs.

        >>> history = History(train_loss=[3, 2, 1], validation_loss=[3, 4, 5], best_epoch=1)
        >>> history.stop_early(2)
        >>> history.note
        'stopped after epoch 3: no validation loss below 3, that of epoch 1, for 2 epochs; the
        network has the parameters of epoch 1'
        """
        best = self.best_epoch
        below = (
            f" below {self.validation_loss[best - 1]:.4g}, that of epoch {best}," if best else ""
        )
        keeps = f"; the network has the parameters of epoch {best}" if best else ""
        self.note = (
            f"stopped after epoch {self.epochs}: no validation loss{below} for {patience} "
            f"epochs{keeps}"
        )

    def __repr__(self) -> str:
        parts = [f"{self.epochs} epochs", self.latest, self.note]
        return f"History({', '.join(part for part in parts if part)})"
