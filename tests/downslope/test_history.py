from downslope.history import History


def test_an_empty_history():
    history = History()
    assert (history.epochs, history.latest, repr(history)) == (0, "", "History(0 epochs)")


def test_words():
    history = History(train_loss=[2, 1], validation_loss=[3, 2.5], best_epoch=2)
    assert repr(history) == "History(2 epochs, train_loss 1, validation_loss 2.5)"
    history.stop_early(1)
    assert repr(history).startswith("History(2 epochs, train_loss 1, validation_loss 2.5, stopped")


def test_early_stop_without_any_finite_validation_loss():
    history = History(train_loss=[1], validation_loss=[float("nan")])
    history.stop_early(1)
    assert history.note == "stopped after epoch 1: no validation loss for 1 epochs"


def test_giving_up_names_update_epoch_and_rate():
    history = History(batch_loss=[2.3, 4.6], train_loss=[2.3])
    history.give_up("the loss", "inf", lr=0.5)
    assert history.diverged
    assert "the loss became inf after update 2, in epoch 2, with lr = 0.5;" in history.note
    assert "the lowest loss was 2.3. A smaller lr, such as 0.05," in history.note
