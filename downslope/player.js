// Turns every race on the page that is not a player yet into one. The page shows a still picture of
// the whole race until this runs, and keeps it where scripts are not allowed.
(() => {
  const SHAPES = {
    "o": "M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0z",
    "s": "M-5.5,-5.5h11v11h-11z",
    "^": "M0,-7L6.5,5.5H-6.5z",
    "D": "M0,-7.5L7.5,0L0,7.5L-7.5,0z",
    "v": "M0,7L6.5,-5.5H-6.5z",
    "P": "M-2.5,-7h5v4.5h4.5v5h-4.5v4.5h-5v-4.5h-4.5v-5h4.5z",
    "X": "M-3.5,-7L0,-3.5L3.5,-7L7,-3.5L3.5,0L7,3.5L3.5,7L0,3.5L-3.5,7L-7,3.5L-3.5,0L-7,-3.5z",
  };
  const UPDATES_PER_SECOND = 16;

  const look = (run) => `stroke="${run.colour}" stroke-dasharray="${run.dashes.join(" ")}"`;
  const marker = (run) =>
    `<path class="dsr-head" d="${SHAPES[run.marker]}" fill="${run.colour}" stroke="#fff" stroke-width="1.2"/>`;
  const trails = (runs) => // halos below all lines: of two equal paths one shows in the other's gaps
    `<g fill="none" stroke-linejoin="round"><g class="dsr-halos" stroke="#fff" stroke-width="4.4">` +
    runs.map(() => "<polyline/>").join("") + `</g><g class="dsr-lines" stroke-width="2.6">` +
    runs.map((run) => `<polyline ${look(run)}/>`).join("") + "</g></g>";
  const swatch = (run) =>
    `<svg class="downslope-picture" viewBox="0 0 46 16" aria-hidden="true"><path d="M1,8H45" fill="none"` +
    ` stroke-width="2.6" ${look(run)}/><g transform="translate(23 8) scale(.85)">${marker(run)}</g></svg>`;

  const words = (loss) => {
    const size = Math.abs(loss);
    return size !== 0 && (size < 1e-3 || size >= 1e4) ? loss.toExponential(1) : loss.toPrecision(3);
  };

  // Everything that stands still is written once; labels go in as text, never as markup.
  function markup(race) {
    const [x, y, width, height] = race.box; // a path that leaves the window is cut at its edge
    const rows = race.runs.map((run) =>
      `<tr><th scope="row">${swatch(run)}<span></span></th>${race.rates ? "<td></td>" : ""}<td></td></tr>`);
    const speeds = [0.25, 0.5, 1, 2, 4].map((s) =>
      `<option value="${s}"${s === 1 ? " selected" : ""}>${s}×</option>`);
    return `<p class="dsr-title"></p>
      <div class="dsr-columns"><div class="dsr-stage downslope-picture"><img alt="">
        <svg viewBox="0 0 ${race.width} ${race.height}" aria-hidden="true">
        <svg x="${x}" y="${y}" width="${width}" height="${height}" viewBox="${race.box.join(" ")}"
          overflow="hidden">${trails(race.runs)}</svg>${race.runs.map(marker).join("")}</svg></div>
      <div class="dsr-side"><table><thead><tr><th scope="col">Runner</th>
        ${race.rates ? '<th scope="col">lr</th>' : ""}<th scope="col">Loss</th></tr></thead>
        <tbody>${rows.join("")}</tbody></table></div></div>
      <div class="dsr-controls" role="group" aria-label="Player">
        <button type="button" class="dsr-play">Play</button>
        <button type="button" class="dsr-restart">Restart</button>
        <label class="dsr-wide">Update <input type="range" min="0" max="${race.steps}" step="1" value="0"
          aria-label="Update to show"> <output></output></label>
        <label>Speed <select aria-label="Speed">${speeds.join("")}</select></label></div>
      <p class="dsr-hidden" role="status"></p>`;
  }

  function build(root) {
    root.setAttribute("data-ready", "");
    const race = JSON.parse(root.dataset.race);
    const still = root.querySelector("figure");
    const player = document.createElement("div");
    player.innerHTML = markup(race);
    // Keys pressed on the controls are theirs: JupyterLab would move or insert cells.
    for (const control of player.querySelectorAll("button, input, select"))
      control.setAttribute("data-lm-suppress-shortcuts", "true");
    root.insertBefore(player, still);
    still.hidden = true;

    const find = (selector) => player.querySelector(selector);
    const all = (selector) => Array.from(player.querySelectorAll(selector));
    const [play, restart, slider, speed] = [".dsr-play", ".dsr-restart", "input", "select"].map(find);
    const halos = all(".dsr-halos polyline"), lines = all(".dsr-lines polyline");
    const heads = all(".dsr-stage .dsr-head"), cells = all("tbody td:last-child");
    find(".dsr-title").textContent = race.title;
    find(".dsr-stage img").src = race.background;
    find(".dsr-stage img").alt = still.querySelector("img").alt;
    all("tbody th span").forEach((span, i) => { span.textContent = race.runs[i].label; });
    if (race.rates) all("tbody td:nth-child(2)").forEach((cell, i) => { cell.textContent = race.runs[i].lr; });

    let now = 0, playing = false, before = 0;

    // Between two updates the marker moves in a straight line, as the update itself does.
    function points(run, at) {
      const last = run.x.length - 1, whole = Math.min(Math.floor(at), last), part = Math.min(at, last) - whole;
      const shown = [];
      for (let i = 0; i <= whole; i++) shown.push([run.x[i], run.y[i]]);
      if (part > 0) shown.push([run.x[whole] + part * (run.x[whole + 1] - run.x[whole]),
                                run.y[whole] + part * (run.y[whole + 1] - run.y[whole])]);
      return shown;
    }
    function inside([x, y]) {
      const [left, top, width, height] = race.box;
      return [Math.min(Math.max(x, left), left + width), Math.min(Math.max(y, top), top + height)];
    }
    function loss(run, step) {
      if (step < run.loss.length) return words(run.loss[step]);
      return run.diverged ? "diverged" : words(run.loss[run.loss.length - 1]);
    }
    function draw() {
      const step = Math.floor(now + 1e-9);
      race.runs.forEach((run, i) => {
        const shown = points(run, now), end = shown[shown.length - 1];
        [halos[i], lines[i]].forEach((line) => line.setAttribute("points", shown.join(" ")));
        heads[i].setAttribute("transform", `translate(${inside(end).join(" ")})`);
        cells[i].textContent = loss(run, step);
      });
      slider.value = step;
      slider.setAttribute("aria-valuetext", `update ${step} of ${race.steps}`);
      find("output").textContent = `${step} of ${race.steps}`;
    }
    function report() {
      const step = Math.floor(now + 1e-9);
      const losses = race.runs.map((run) => `${run.label} ${loss(run, step)}`).join(", ");
      find("[role=status]").textContent = `Update ${step} of ${race.steps}. Losses: ${losses}.`;
    }
    function set(state) {
      playing = state;
      play.textContent = playing ? "Pause" : "Play";
      root.dataset.playing = playing;
      if (!playing) report();
    }
    function frame(time) {
      if (!playing || !root.isConnected) return;
      now = Math.min(race.steps, now + (time - before) / 1000 * UPDATES_PER_SECOND * Number(speed.value));
      before = time;
      draw();
      if (now >= race.steps) set(false);
      else requestAnimationFrame(frame);
    }
    function start() {
      if (now >= race.steps) now = 0;
      set(true);
      requestAnimationFrame((time) => { before = time; frame(time); });
    }
    play.addEventListener("click", () => (playing ? set(false) : start()));
    restart.addEventListener("click", () => { now = 0; draw(); if (!playing) start(); });
    slider.addEventListener("input", () => { now = Number(slider.value); set(false); draw(); report(); });

    // It plays once by itself when it comes into view, unless the reader asked for less motion.
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (calm) now = race.steps;
    draw();
    if (calm || !("IntersectionObserver" in window)) return;
    const watcher = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      if (now === 0 && !playing) start();
    }, { threshold: 0.6 });
    watcher.observe(find(".dsr-stage"));
  }

  document.querySelectorAll(".downslope-race:not([data-ready])").forEach(build);
})();
