// The charts: drawn by Observable Plot; the pointer, the keyboard and zoom are here.
const tip = document.getElementById("tip"),
  told = document.getElementById("told");
const plain = { tickSize: 0, label: null, fontSize: 11 };

function showTip(x, y, head, rows) {
  tip.replaceChildren(
    element("div", { class: "head" }, head),
    element(
      "ol",
      {},
      ...rows
        .slice(0, 12)
        .map(row =>
          element(
            "li",
            { class: row.near ? "near" : null },
            row.style ? swatch(row.style) : null,
            element("span", {}, row.text),
            row.value === undefined ? null : element("b", {}, row.value),
          ),
        ),
    ),
  );
  if (rows.length > 12) tip.append(element("div", { class: "head" }, `and ${rows.length - 12} more`));
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = x + 16 + box.width > innerWidth ? x - box.width - 16 : x + 16;
  tip.style.left = `${clamp(left, 4, Math.max(4, innerWidth - box.width - 4))}px`;
  const top = y + 16 + box.height > innerHeight ? y - box.height - 12 : y + 16;
  tip.style.top = `${clamp(top, 4, Math.max(4, innerHeight - box.height - 4))}px`;
}
const hideTip = () => {
  tip.hidden = true;
};
// A chart has the keyboard after a click too, but is not drawn as if by a key.
addEventListener("pointerdown", () => document.body.classList.add("pointed"), true);
addEventListener("keydown", () => document.body.classList.remove("pointed"), true);
addEventListener("scroll", hideTip, { passive: true, capture: true });

// What all charts have: a caption with switches, a place to draw, a note; and it is drawn anew when its place changes.
class Chart {
  constructor(key, title, { log = null, height = 270, onOpen = null, switches = true, outliers = 0.05 } = {}) {
    Object.assign(this, { key, title, height, onOpen, log, outliers, all: false, zoom: { x: null, y: null }, at: null });
    this.plot = element("div", { class: "plot" });
    this.note = element("p", { class: "note" });
    this.caption = element("span", {}, title);
    const button = (text, describe, run) => element("button", { type: "button", class: "small", title: describe, onclick: run }, text);
    this.logButton = button("log", "A logarithmic scale; values of zero and below stay", () => {
      this.log = !this.isLog;
      this.zoom.y = null;
      this.draw();
    });
    this.allButton = button("all", "The limits of all values, also of those far from all others", () => {
      this.all = !this.all;
      this.zoom.y = null;
      this.draw();
    });
    this.resetButton = button("reset", "Shows all again (Escape, or a double click)", () => this.resetZoom());
    this.figure = element(
      "figure",
      { "data-chart": key },
      element("figcaption", {}, this.caption, ...(switches ? [this.resetButton, this.allButton, this.logButton] : [this.resetButton])),
      this.plot,
      this.note,
    );
    this.width = 0;
    new ResizeObserver(() => {
      const width = Math.floor(this.plot.clientWidth);
      if (width && width !== this.width) {
        this.width = width;
        this.draw();
      }
    }).observe(this.plot);
  }

  resetZoom() {
    this.zoom = { x: null, y: null };
    this.shareX?.(null);
    this.draw();
  }

  setNote(beyond) {
    this.allButton.hidden = !beyond && !this.all;
    this.allButton.setAttribute("aria-pressed", this.all);
    this.logButton.setAttribute("aria-pressed", this.isLog);
    this.resetButton.hidden = !this.zoom.x && !this.zoom.y;
    this.note.textContent = [this.noteStart, beyond, this.gaps].filter(Boolean).join(" ");
  }

  // Puts a drawing in place, with what listens to it.
  place(svg, description) {
    const focused = this.plot.contains(document.activeElement);
    svg.setAttribute("tabindex", 0);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${description} Arrow keys read the values${this.onOpen ? ", Enter opens one" : ""}.`);
    this.svg = svg;
    this.plot.replaceChildren(svg);
    this.hover = d3.select(svg).append("g").attr("class", "hover").attr("pointer-events", "none");
    if (focused) svg.focus({ preventScroll: true });
    const place = event => {
      const box = svg.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    let from = null,
      band = null;
    svg.addEventListener("pointerdown", event => {
      if (event.button === 0 && event.pointerType !== "touch") from = place(event);
    });
    svg.addEventListener("pointermove", event => {
      const [x, y] = place(event);
      if (from && event.buttons & 1 && Math.hypot(x - from[0], y - from[1]) > 6) {
        if (!band) {
          band = d3.select(svg).append("rect").attr("fill", "var(--mark)").attr("fill-opacity", 0.15).attr("stroke", "var(--mark)");
          svg.setPointerCapture(event.pointerId);
        }
        const [left, right] = [from[0], x].sort(d3.ascending),
          flat = Math.abs(y - from[1]) < 24;
        const [top, bottom] = flat ? [this.frame.top, this.frame.bottom] : [from[1], y].sort(d3.ascending);
        band
          .attr("x", left)
          .attr("width", right - left)
          .attr("y", top)
          .attr("height", bottom - top);
        hideTip();
        return;
      }
      this.point(x, y, event.clientX, event.clientY);
    });
    svg.addEventListener("pointerup", event => {
      const [x, y] = place(event),
        start = from;
      from = null;
      if (!band) {
        if (start && event.pointerType !== "touch") this.click(x, y);
        return;
      }
      band.remove();
      band = null;
      if (Math.abs(x - start[0]) > 6) {
        const inside = v => clamp(v, this.frame.left, this.frame.right),
          [left, right] = [inside(start[0]), inside(x)].sort(d3.ascending);
        this.zoom.x = [this.xs.invert(left), this.xs.invert(right)];
        this.shareX?.(this.zoom.x);
      }
      if (Math.abs(y - start[1]) >= 24) {
        const inside = v => clamp(v, this.frame.top, this.frame.bottom),
          [top, bottom] = [inside(start[1]), inside(y)].sort(d3.ascending);
        this.zoom.y = [this.ys.invert(bottom), this.ys.invert(top)].map(this.scale.from);
      }
      this.draw();
    });
    svg.addEventListener("click", event => {
      if (event.pointerType === "touch") this.click(...place(event));
    });
    svg.addEventListener("pointerleave", () => {
      hideTip();
      this.unpoint();
    });
    svg.addEventListener("dblclick", () => this.resetZoom());
    svg.addEventListener("keydown", event => this.keydown(event));
    svg.addEventListener("blur", () => {
      hideTip();
      this.unpoint();
    });
  }

  unpoint() {
    this.hover?.selectAll("*").remove();
  }

  keydown(event) {
    const keys = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1], Home: [-Infinity, 0], End: [Infinity, 0] };
    if (event.key in keys) this.move(...keys[event.key]);
    else if (event.key === "Enter" && this.at) {
      if (this.onOpen && this.at.trial) this.onOpen(this.at.trial);
    } else if (event.key === "Escape" && (this.zoom.x || this.zoom.y)) this.resetZoom();
    else if (event.key === "+" || event.key === "-") this.zoomBy(event.key === "+" ? 0.5 : 2);
    else return;
    event.preventDefault();
  }

  zoomBy(factor) {
    const [low, high] = this.xDomain,
      middle = this.at ? this.at.u : (low + high) / 2,
      half = (factor * (high - low)) / 2,
      [least, most] = this.xFull;
    const range = [Math.max(least, middle - half), Math.min(most, middle + half)];
    this.zoom.x = range[0] <= least && range[1] >= most ? null : range;
    this.shareX?.(this.zoom.x);
    this.draw();
  }

  margins(texts) {
    return clamp(Math.max(...texts.map(t => t.text.length), 1) * 6.4 + 14, this.leastMargin ?? 40, 96);
  }
}

// Curves over epochs.
class LineChart extends Chart {
  constructor(key, title, options = {}) {
    super(key, title, options);
    Object.assign(this, {
      series: [],
      marks: [],
      xTitle: "epoch",
      better: options.better ?? null,
      leastMargin: options.leastMargin,
      metric: options.metric ?? null,
    });
  }

  set(series, marks = []) {
    this.series = series.map(s => ({ ...s, all: s.points, points: s.points.filter(isValue) })).filter(s => s.points.length);
    this.gaps = gapsText(series.filter(s => !s.isRate));
    this.marks = marks;
    this.at = null;
    if (this.width) this.draw();
  }

  // Those that diverged are not what the scale is for, if there are others.
  get sizing() {
    const calm = this.series.filter(s => !s.diverged);
    return this.all || !calm.length ? this.series : calm;
  }

  // Rates are what was asked for, and none of them is a mistake. Of each curve one value may be, such as the first loss.
  get far() {
    return this.all || this.series.every(s => s.isRate) ? [] : [this.outliers, this.sizing.length];
  }

  get isLog() {
    return (
      this.log ??
      wideSpread(
        this.sizing.flatMap(s => s.points.map(p => p[1])),
        ...this.far,
      )
    );
  }

  draw() {
    if (!this.width) return;
    const { series, width, height } = this;
    if (!series.length) {
      this.plot.replaceChildren(element("p", { class: "dim" }, "No curve is chosen, or none has values."));
      this.setNote("");
      return;
    }
    this.xFull = [Math.min(0, ...series.map(s => s.all[0][0])), Math.max(1, ...series.map(s => s.end ?? s.all[s.all.length - 1][0]))];
    const domain = this.zoom.x ?? this.xFull,
      inside = p => p[0] >= domain[0] && p[0] <= domain[1];
    const values = series.flatMap(s => s.points.map(p => p[1])),
      scale = (this.scale = scaleOf(values, this.isLog));
    // A rate has been what it is since before the epochs that are shown.
    const placesOf = s =>
      s.points
        .filter((p, i) => inside(p) || (s.isRate && p[0] < domain[0] && (s.points[i + 1]?.[0] ?? s.end) > domain[0]))
        .map(p => scale.to(p[1]));
    const { sizing } = this,
      limits = this.zoom.y ? this.zoom.y.map(scale.to) : limitsOf(sizing.flatMap(placesOf), ...this.far);
    // What a curve comes to is always seen, and the whole of one that is picked.
    if (!this.zoom.y)
      for (const u of [...sizing.map(s => placesOf(s).slice(-1)), ...series.filter(s => s.picked).map(placesOf)].flat()) {
        limits[0] = Math.min(limits[0], u);
        limits[1] = Math.max(limits[1], u);
      }
    const yDomain = this.zoom.y ? limits : padded(limits, scale, this.metric),
      beyond = this.zoom.y
        ? ""
        : beyondText(
            series.flatMap(s => s.points.filter(inside).map(p => p[1])),
            scale,
            limits,
          );
    const yTicks = ticksOf(scale, yDomain, Math.max(3, Math.floor(height / 45)));
    const left = this.margins(yTicks),
      bottom = 36,
      top = 8,
      right = 14;
    this.xDomain = domain;
    this.frame = { left, right: width - right, top, bottom: height - bottom };
    const xTicks = d3
      .ticks(domain[0], domain[1], Math.max(2, Math.floor((width - left) / 70)))
      .filter((x, _, all) => Number.isInteger(x) || all.filter(Number.isInteger).length < 2);
    const isClipped = beyond || this.zoom.x || this.zoom.y;
    const svg = Plot.plot({
      width,
      height,
      marginLeft: left,
      marginRight: right,
      marginTop: top,
      marginBottom: bottom,
      className: "drawn",
      style: { background: "none" },
      x: { type: "linear", domain },
      y: { type: "linear", domain: yDomain },
      marks: [
        Plot.ruleY(
          yTicks.map(t => t.u),
          { stroke: "var(--line)" },
        ),
        Plot.axisY(
          yTicks.map(t => t.u),
          { ...plain, tickFormat: (u, i) => yTicks[i].text },
        ),
        Plot.axisX(xTicks, {
          ...plain,
          label: this.xTitle,
          labelAnchor: "center",
          labelArrow: "none",
          tickFormat: x => show(+x.toPrecision(8)),
        }),
        ...this.marks.flatMap(mark => [
          Plot.ruleX([mark.x], { stroke: mark.stroke ?? "var(--dim)", strokeDasharray: mark.dash ?? "3 3", clip: true }),
          mark.text
            ? Plot.text([mark.x], {
                x: d => d,
                frameAnchor: "top",
                text: () => mark.text,
                dx: mark.x > (domain[0] + domain[1]) / 2 ? -5 : 5,
                dy: 4,
                textAnchor: mark.x > (domain[0] + domain[1]) / 2 ? "end" : "start",
                fontWeight: 600,
              })
            : null,
        ]),
        // A value that is not defined is a gap.
        ...series.map(s =>
          Plot.line(s.stepped ? [...s.all, [s.end, s.all[s.all.length - 1][1]]] : s.all, {
            x: p => p[0],
            y: p => (isValue(p) ? scale.to(p[1]) : NaN),
            stroke: s.style.stroke,
            strokeDasharray: s.style.dash || undefined,
            strokeWidth: s.picked ? 3.5 : 2,
            curve: s.stepped ? "step-after" : "linear",
            clip: isClipped ? true : undefined,
          }),
        ),
        ...series
          .filter(s => !s.stepped)
          .map(s =>
            Plot.dot(
              s.all.filter(
                (p, i) =>
                  isValue(p) && !isValue(s.all[i - 1]) && !isValue(s.all[i + 1]) && !(s.diverged && p === s.points[s.points.length - 1]),
              ),
              {
                x: p => p[0],
                y: p => scale.to(p[1]),
                r: s.points.length > 1 ? 2.5 : 4,
                fill: s.style.stroke,
                stroke: "none",
                clip: isClipped ? true : undefined,
              },
            ),
          ),
        ...series
          .filter(s => !s.stepped && s.diverged)
          .map(s =>
            Plot.dot([s.points[s.points.length - 1]], {
              x: p => p[0],
              y: p => scale.to(p[1]),
              r: 4,
              stroke: s.style.stroke,
              symbol: "times",
              clip: isClipped ? true : undefined,
            }),
          ),
        ...series
          .filter(s => s.best)
          .map(s =>
            Plot.dot([s.best], {
              x: p => p[0],
              y: p => scale.to(p[1]),
              r: 4.5,
              fill: s.style.stroke,
              stroke: "var(--back)",
              strokeWidth: 1.5,
              clip: isClipped ? true : undefined,
            }),
          ),
      ],
    });
    [this.xs, this.ys] = [svg.scale("x"), svg.scale("y")];
    const ends = series
      .slice(0, 8)
      .map(s => `${s.text}: ${show(s.points[0][1], 4)} to ${show(s.points[s.points.length - 1][1], 4)}`)
      .join("; ");
    this.place(svg, `${this.title} by epoch. ${ends}. ${this.gaps}`.trimEnd());
    this.setNote(beyond);
  }

  // The value of each curve at a place, also one that is not defined.
  readings(x) {
    return this.series
      .map(s => {
        const i = d3.bisector(p => p[0]).right(s.all, x);
        if (s.stepped) return x > s.end || i === 0 ? null : { s, x, value: s.all[i - 1][1] };
        const near = [s.all[i - 1], s.all[i]].filter(Boolean).reduce((a, b) => (Math.abs(a[0] - x) <= Math.abs(b[0] - x) ? a : b));
        return Math.abs(near[0] - x) > Math.max(0.5, (this.xDomain[1] - this.xDomain[0]) / 40) ? null : { s, x: near[0], value: near[1] };
      })
      .filter(Boolean);
  }

  point(px, py, clientX, clientY) {
    const { frame } = this;
    if (!this.xs || px < frame.left - 8 || px > frame.right + 8 || py < 0 || py > frame.bottom + 30) {
      hideTip();
      this.unpoint();
      return;
    }
    this.tell(this.xs.invert(clamp(px, frame.left, frame.right)), py, clientX, clientY);
  }

  nearest(readings, py) {
    return d3.least(readings, r => (typeof r.value === "number" ? Math.abs(this.ys.apply(this.scale.to(r.value)) - py) : Infinity));
  }

  tell(x, py, clientX, clientY, s = null) {
    const found = this.readings(x),
      near = found.find(r => r.s === s) ?? this.nearest(found, py);
    this.unpoint();
    if (!near) {
      hideTip();
      return;
    }
    this.at = { u: near.x, trial: near.s.trial, s: near.s };
    this.cursor(near.x);
    this.shareCursor?.(near.x);
    const values = found.filter(r => typeof r.value === "number");
    for (const r of values) {
      const y = this.ys.apply(this.scale.to(r.value));
      if (y >= this.frame.top - 5 && y <= this.frame.bottom + 5)
        this.hover
          .append("circle")
          .attr("cx", this.xs.apply(r.x))
          .attr("cy", y)
          .attr("r", r === near ? 5 : 3)
          .attr("fill", r.s.style.stroke)
          .attr("stroke", "var(--back)");
    }
    const direction = this.better === null ? 0 : this.better ? -1 : 1;
    const rows = [...values.sort((a, b) => (direction || -1) * (a.value - b.value)), ...found.filter(r => !values.includes(r))].map(r => ({
      style: r.s.style,
      text: r.s.text,
      value: measured(r.value),
      near: r === near && found.length > 1,
    }));
    const head = near.s.sampled
      ? Number.isInteger(near.x)
        ? `at the end of epoch ${near.x}`
        : `in epoch ${Math.ceil(near.x)}`
      : near.s.isRate
        ? `in epoch ${Math.min(Math.floor(near.x) + 1, Math.ceil(this.xFull[1]))}`
        : `after epoch ${show(near.x)}`;
    showTip(clientX, clientY, head, rows);
    return `${head}: ${near.s.text} ${measured(near.value)}`;
  }

  cursor(x) {
    if (!this.hover || x < this.xDomain[0] || x > this.xDomain[1]) return;
    const px = this.xs.apply(x);
    this.hover
      .append("line")
      .attr("x1", px)
      .attr("x2", px)
      .attr("y1", this.frame.top)
      .attr("y2", this.frame.bottom)
      .attr("stroke", "var(--dim)")
      .attr("stroke-opacity", 0.6);
  }

  click(px, py) {
    const found = this.readings(this.xs.invert(px)),
      near = this.nearest(found, py);
    if (
      near &&
      this.onOpen &&
      near.s.trial &&
      typeof near.value === "number" &&
      Math.abs(this.ys.apply(this.scale.to(near.value)) - py) < 16
    )
      this.onOpen(near.s.trial);
  }

  move(dx, dy) {
    if (!this.series.length) return;
    const s = this.at?.s ?? this.series[0],
      i = this.series.indexOf(s);
    const next = dy ? this.series[clamp(i - dy, 0, this.series.length - 1)] : s;
    const places = next.stepped
      ? d3
          .range(Math.ceil(this.xDomain[0]), Math.ceil(this.xDomain[1]))
          .map(x => x + 0.5)
          .filter(x => x < next.end)
      : next.all.map(p => p[0]).filter(x => x >= this.xDomain[0] && x <= this.xDomain[1]);
    if (!places.length) return;
    const here = this.at ? d3.leastIndex(places, x => Math.abs(x - this.at.u)) : dx > 0 ? -1 : places.length;
    const x = places[clamp(here + dx, 0, places.length - 1)],
      value = this.readings(x).find(r => r.s === next)?.value;
    if (value === undefined) return;
    const box = this.svg.getBoundingClientRect(),
      { top, bottom } = this.frame,
      py = typeof value === "number" ? clamp(this.ys.apply(this.scale.to(value)), top, bottom) : top;
    told.textContent = this.tell(x, py, box.left + this.xs.apply(x), box.top + py, next) ?? "";
  }
}

// The share and the number of scores that may be far from all others.
const farScores = [0.1, 1];

// A point a trial: its score by a number, by a word, or by its turn.
class DotChart extends Chart {
  constructor(key, title, options = {}) {
    super(key, title, { switches: false, ...options });
    Object.assign(this, { points: [], category: false, xTitle: null, steps: null, rules: [], ...options });
  }

  set(points, { isLog, all, domain }) {
    Object.assign(this, { points, shared: { isLog, all, domain }, at: null });
    if (this.width) this.draw();
  }

  get isLog() {
    return this.shared.isLog;
  }

  draw() {
    if (!this.width || !this.shared) return;
    const { points, width, height, category } = this,
      scored = points.filter(p => p.y !== null);
    const scale = (this.scale = scaleOf(this.shared.domain, this.isLog)),
      limits = this.zoom.y ? this.zoom.y.map(scale.to) : limitsOf(this.shared.domain.map(scale.to), ...(this.shared.all ? [] : farScores));
    const yDomain = this.zoom.y ? limits : padded(limits, scale, this.metric),
      yTicks = ticksOf(scale, yDomain, Math.max(3, Math.floor(height / 45)));
    const left = this.margins(yTicks),
      top = 10,
      right = 14;
    const kinds = category
      ? [...new Set(points.map(p => p.x))].sort((a, b) =>
          a === null ? 1 : b === null ? -1 : String(a).localeCompare(String(b), "en", { numeric: true }),
        )
      : null;
    const xValues = category ? null : finite(points.map(p => p.x)),
      xScale = category ? null : scaleOf(this.xShared ?? xValues, wideSpread(this.xShared ?? xValues));
    const absent = !category && points.some(p => p.x === null);
    this.xFull = category ? [-0.5, kinds.length - 0.5] : padded(limitsOf((this.xShared ?? xValues).map(xScale.to)));
    if (absent) this.xFull = [this.xFull[0] - 0.12 * (this.xFull[1] - this.xFull[0]), this.xFull[1]];
    const domain = (this.xDomain = this.zoom.x ?? this.xFull),
      absentAt = this.xFull[0] + 0.04 * (this.xFull[1] - this.xFull[0]);
    // Names that are too long for one row stand in two or three, in turn; those at the ends may use the margins.
    const step = (width - left - right) / (kinds?.length || 1),
      names = kinds?.map(k => (k === null ? "–" : exact(k))) ?? [],
      letter = 6.3;
    const rows = clamp(Math.ceil(((Math.max(0, ...names.map(n => n.length)) + 1) * letter) / step), 1, Math.min(3, names.length || 1));
    const roomAt = i =>
      Math.max(3, Math.floor(Math.min(rows * step, step + 2 * (i === 0 ? left : i === names.length - 1 ? right : Infinity)) / letter) - 1);
    const bottom = (this.xTitle ? 36 : 24) + 14 * (rows - 1);
    this.frame = { left, right: width - right, top, bottom: height - bottom };
    const xTicks = category
      ? names.map((n, i) => ({ u: i, text: "\n".repeat(i % rows) + brief(n, roomAt(i), names), whole: n }))
      : [
          ...(absent ? [{ u: absentAt, text: "–" }] : []),
          ...ticksOf(
            xScale,
            absent ? [this.xFull[0] + 0.12 * (this.xFull[1] - this.xFull[0]), domain[1]] : domain,
            Math.max(2, Math.floor((width - left) / 75)),
          ),
        ].filter(t => t.u >= domain[0] && t.u <= domain[1] && (!this.whole || Number.isInteger(xScale.from(t.u))));
    const lowest = yDomain[0],
      highest = yDomain[1],
      worse = higherIsBetter ? lowest : highest;
    // A point that has no place within the limits stands at their edge.
    this.placed = points.map((p, i) => {
      const u = category
        ? kinds.indexOf(p.x) + (((i * 7) % 11) - 5) / 30
        : p.x === null
          ? absentAt + ((((i * 7) % 11) - 5) / 300) * (domain[1] - domain[0])
          : xScale.to(p.x);
      const v = p.y === null ? worse : clamp(scale.to(p.y), this.zoom.y ? -Infinity : lowest, this.zoom.y ? Infinity : highest);
      return {
        ...p,
        u,
        v,
        symbol: p.y === null ? "times" : v !== scale.to(p.y) ? "triangle" : "circle",
        turn: p.y !== null && v > scale.to(p.y) ? 180 : 0,
      };
    });
    const beyond = this.zoom.y
        ? ""
        : beyondText(
            this.placed.filter(p => p.symbol === "triangle").map(p => p.y),
            scale,
            yDomain,
          ),
      isClipped = this.zoom.x || this.zoom.y ? true : undefined;
    const quiet = this.placed.filter(p => !p.style),
      loud = this.placed.filter(p => p.style);
    const dots = (list, options) =>
      ["circle", "triangle", "times"]
        .map(symbol => [symbol, list.filter(p => p.symbol === symbol)])
        .filter(([, some]) => some.length)
        .map(([symbol, some]) =>
          Plot.dot(some, {
            x: "u",
            y: "v",
            symbol,
            rotate: symbol === "triangle" ? "turn" : 0,
            clip: isClipped,
            fill: symbol === "times" ? "none" : p => p.style?.stroke ?? "var(--dot)",
            stroke:
              symbol === "times" ? p => p.style?.stroke ?? "var(--bad)" : p => (p.style ? "var(--back)" : p.pale ? "var(--dot)" : "none"),
            ...options,
            fillOpacity: p => (p.faded ? 0.1 : p.style ? 1 : p.pale ? 0.12 : 0.6),
            strokeOpacity: p => (p.faded ? 0.15 : 1),
          }),
        );
    const svg = Plot.plot({
      width,
      height,
      marginLeft: left,
      marginRight: right,
      marginTop: top,
      marginBottom: bottom,
      className: "drawn",
      style: { background: "none" },
      x: { type: "linear", domain },
      y: { type: "linear", domain: yDomain },
      color: { type: "identity" },
      opacity: { type: "identity" },
      symbol: { type: "identity" },
      marks: [
        Plot.ruleY(
          yTicks.map(t => t.u),
          { stroke: "var(--line)" },
        ),
        Plot.axisY(
          yTicks.map(t => t.u),
          { ...plain, tickFormat: (u, i) => yTicks[i].text },
        ),
        Plot.axisX(
          xTicks.map(t => t.u),
          {
            ...plain,
            label: this.xTitle,
            labelAnchor: "center",
            labelArrow: "none",
            lineHeight: 1.3,
            tickFormat: (u, i) => xTicks[i].text,
          },
        ),
        ...this.rules
          .filter(r => r.x !== null && r.x !== undefined)
          .map(r => Plot.ruleX([xScale.to(r.x)], { stroke: "var(--c2)", strokeDasharray: "4 3" })),
        ...this.rules
          .filter(r => r.y !== undefined)
          .map(r => Plot.ruleY([scale.to(r.y)], { stroke: "var(--dim)", strokeDasharray: "4 3" })),
        this.steps
          ? Plot.line(this.steps, {
              x: p => xScale.to(p[0]),
              y: p => clamp(scale.to(p[1]), lowest, highest),
              curve: "step-after",
              stroke: "var(--c0)",
              strokeWidth: 2,
              clip: true,
            })
          : null,
        this.joined
          ? Plot.line(this.placed, { x: "u", y: p => (p.y === null ? NaN : p.v), stroke: "var(--c0)", strokeWidth: 2, clip: true })
          : null,
        ...dots(quiet, { r: points.length > 300 ? 2.5 : 3.5 }),
        ...dots(loud, { r: 5.5 }),
      ],
    });
    [this.xs, this.ys] = [svg.scale("x"), svg.scale("y")];
    if (category)
      d3.select(svg)
        .selectAll("g[aria-label='x-axis tick label'] text")
        .each((_, i, all) => {
          const { text, whole } = xTicks[i];
          if (!text.endsWith(whole)) d3.select(all[i]).append("title").text(whole);
        });
    const lost = points.length - scored.length;
    this.place(svg, `${this.title}: ${plural(scored.length, "point")}${lost ? `, ${lost} without a score` : ""}.`);
    this.resetButton.hidden = !this.zoom.x && !this.zoom.y;
    this.note.textContent = [beyond ? `${beyond.slice(0, -1)} (▲▼ at the edge).` : "", this.extraNote ?? ""].filter(Boolean).join(" ");
  }

  find(px, py) {
    const p = d3.least(this.placed, q => Math.hypot(this.xs.apply(q.u) - px, this.ys.apply(q.v) - py));
    return p && Math.hypot(this.xs.apply(p.u) - px, this.ys.apply(p.v) - py) < 20 ? p : null;
  }

  point(px, py, clientX, clientY) {
    this.tell(this.placed ? this.find(px, py) : null, clientX, clientY);
  }

  tell(p, clientX, clientY) {
    this.unpoint();
    if (!p) {
      hideTip();
      return;
    }
    this.at = { u: p.u, v: p.v, trial: p.trial };
    this.hover
      .append("circle")
      .attr("cx", this.xs.apply(p.u))
      .attr("cy", this.ys.apply(p.v))
      .attr("r", 7)
      .attr("fill", "none")
      .attr("stroke", "var(--text)")
      .attr("stroke-width", 1.5);
    const lines = p.lines();
    showTip(
      clientX,
      clientY,
      lines[0],
      lines.slice(1).map(([text, value]) => ({ text, value })),
    );
    return [lines[0], ...lines.slice(1).map(([text, value]) => `${text} ${value}`)].join(", ");
  }

  click(px, py) {
    const p = this.find(px, py);
    if (p?.trial && this.onOpen) this.onOpen(p.trial);
  }

  move(dx, dy) {
    const order = [...this.placed].sort((a, b) => (dx ? a.u - b.u : a.v - b.v));
    if (!order.length) return;
    const here = this.at ? order.findIndex(p => p.u === this.at.u && p.v === this.at.v) : dx + dy > 0 ? -1 : order.length;
    const p = order[clamp(here + (dx || dy), 0, order.length - 1)],
      box = this.svg.getBoundingClientRect();
    told.textContent = this.tell(p, box.left + this.xs.apply(p.u), box.top + this.ys.apply(p.v)) ?? "";
  }
}

// A line a trial through the values of all factors and the score.
class ParallelChart {
  constructor(axes, { onOpen, onRange }) {
    Object.assign(this, { axes, onOpen, onRange, ranges: new Map(), width: 0, at: -1 });
    this.plot = element("div", { class: "plot wide" });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    this.colour = rank => (rank === null ? "var(--dot)" : d3.interpolateViridis(dark.matches ? 1 - 0.85 * rank : 0.9 * rank));
    this.bar = element("i");
    this.note = element("p", { class: "note" });
    this.figure = element(
      "figure",
      { "data-chart": "parallel" },
      element("figcaption", {}, element("span", {}, "All at once"), element("span", { class: "scale" }, "best", this.bar, "worst")),
      this.plot,
      this.note,
    );
    new ResizeObserver(() => {
      const width = Math.floor(this.plot.clientWidth);
      if (width && width !== this.width) {
        this.width = width;
        this.draw();
      }
    }).observe(this.plot);
    dark.addEventListener("change", () => this.draw());
  }

  set(items) {
    this.items = items;
    if (this.width) this.draw();
  }

  draw() {
    if (!this.width || !this.items) return;
    this.bar.style.background = `linear-gradient(90deg, ${d3.range(0, 1.01, 0.1).map(this.colour).join(", ")})`;
    const { axes, items } = this,
      width = Math.max(this.width, axes.length * 92 + 40),
      height = 330,
      top = 34,
      bottom = 16,
      side = 52;
    const at = i => side + (i * (width - 2 * side)) / Math.max(1, axes.length - 1),
      yOf = u => height - bottom - u * (height - top - bottom);
    for (const axis of axes) {
      if (axis.category) {
        const kinds = [...new Set(items.map(d => d.values[axis.index]).filter(v => v !== null))].sort((a, b) =>
          String(a).localeCompare(String(b), "en", { numeric: true }),
        );
        axis.place = v => (v === null ? 0 : 0.1 + 0.9 * (kinds.length > 1 ? kinds.indexOf(v) / (kinds.length - 1) : 0.5));
        axis.ticks = kinds.map(k => ({ u: axis.place(k), text: k }));
      } else {
        const values = finite(items.map(d => d.values[axis.index])),
          far = axis.robust ? farScores : [],
          scale = scaleOf(values, wideSpread(values, ...far)),
          limits = limitsOf(values.map(scale.to), ...far),
          hasNone = axis.index >= 0 && items.some(d => d.values[axis.index] === null),
          from = hasNone ? 0.1 : 0;
        const size = limits[1] - limits[0] || 1;
        axis.place = v => (v === null ? (axis.none ?? 0) : clamp(from + ((1 - from) * (scale.to(v) - limits[0])) / size, from, 1));
        axis.beyond = beyondText(values, scale, limits);
        axis.ticks = ticksOf(scale, limits, 5).map(t => ({ u: axis.place(scale.from(t.u)), text: t.text }));
        if (hasNone) axis.ticks.push({ u: 0, text: "–" });
      }
    }
    const lines = [...items].sort((a, b) => b.trial.place - a.trial.place),
      last = axes.length - 1,
      lost = lines.filter(d => d.rank === null);
    for (const d of lines) d.ys = axes.map(axis => yOf(axis.place(axis.of(d))));
    this.kept = d =>
      axes.every((axis, i) => !this.ranges.has(i) || (d.ys[i] >= this.ranges.get(i)[0] && d.ys[i] <= this.ranges.get(i)[1]));
    const rows = lines.filter(d => !d.faded && this.kept(d)).flatMap(d => d.ys.map((y, i) => ({ d, i, y })));
    const pale = lines.filter(d => d.faded || !this.kept(d)).flatMap(d => d.ys.map((y, i) => ({ d, i, y })));
    const opacity = clamp(6 / Math.sqrt(lines.length + 1), 0.15, 0.9);
    const svg = Plot.plot({
      width,
      height,
      margin: 0,
      className: "drawn",
      style: { background: "none" },
      x: { type: "linear", domain: [0, width], axis: null, range: [0, width] },
      y: { type: "linear", domain: [height, 0], axis: null, range: [height, 0] },
      color: { type: "identity" },
      opacity: { type: "identity" },
      marks: [
        Plot.line(pale, { x: r => at(r.i), y: "y", z: r => r.d.trial.number, stroke: "var(--line)", strokeWidth: 1 }),
        Plot.line(rows, {
          x: r => at(r.i),
          y: "y",
          z: r => r.d.trial.number,
          stroke: r => this.colour(r.d.rank),
          strokeWidth: 1.5,
          strokeOpacity: opacity,
          sort: null,
        }),
        Plot.ruleX(
          axes.map((_, i) => at(i)),
          { y1: yOf(0), y2: yOf(1), stroke: "var(--dim)" },
        ),
        Plot.dot(lost, {
          x: at(last),
          y: d => d.ys[last],
          symbol: "times",
          r: 4,
          stroke: "var(--bad)",
          strokeOpacity: d => (d.faded || !this.kept(d) ? 0.15 : 1),
        }),
      ],
    });
    const drawing = d3.select(svg),
      grounds = [],
      room = clamp(Math.floor((at(1) - at(0)) / 6.5) - 1, 13, 28);
    axes.forEach((axis, i) => {
      const words = brief(
        axis.title,
        Math.min(room, 18),
        axes.map(other => other.title),
      );
      drawing
        .append("text")
        .attr("x", i === 0 ? 0 : i === axes.length - 1 ? width : at(i))
        .attr("y", 12)
        .attr("text-anchor", i === 0 ? "start" : i === axes.length - 1 ? "end" : "middle")
        .attr("font-weight", 600)
        .style("fill", "var(--text)")
        .text(words)
        .append("title")
        .text(axis.title);
      for (const tick of axis.ticks) {
        // Upon the lines: on a ground of its own.
        const words = brief(
          tick.text,
          i === 0 ? 9 : room,
          axis.ticks.map(other => other.text),
        );
        const box = drawing
          .append("rect")
          .attr("class", "ground")
          .attr("y", yOf(tick.u) - 7)
          .attr("height", 14);
        const text = drawing
          .append("text")
          .attr("x", at(i) - 5)
          .attr("y", yOf(tick.u) + 4)
          .attr("text-anchor", "end")
          .style("fill", "var(--text)")
          .text(words);
        if (words !== tick.text) text.append("title").text(tick.text);
        grounds.push([box, text]);
      }
      const range = this.ranges.get(i);
      if (range)
        drawing
          .append("rect")
          .attr("class", "range")
          .attr("x", at(i) - 7)
          .attr("width", 14)
          .attr("y", range[0])
          .attr("height", range[1] - range[0])
          .attr("fill", "var(--mark)")
          .attr("fill-opacity", 0.3)
          .attr("stroke", "var(--mark)");
    });
    this.hover = drawing.append("g").attr("pointer-events", "none");
    svg.setAttribute("tabindex", 0);
    svg.setAttribute("role", "img");
    svg.setAttribute(
      "aria-label",
      `A line for each of ${lines.length} trials through ${axes.map(a => a.title).join(", ")}. ` +
        "Up and down go from trial to trial by rank, Enter opens one; the filter above keeps ranges, as in rate<0.1.",
    );
    const had = this.plot.contains(document.activeElement);
    this.plot.replaceChildren(svg);
    for (const [box, text] of grounds) {
      const { x, width: wide } = text.node().getBBox();
      box.attr("x", x - 2).attr("width", wide + 4);
    }
    this.note.textContent = [
      "Drag along an axis to keep a range of it; click the axis to let go.",
      lost.length ? "Grey lines that end in × have no score." : "",
      axes[last].beyond,
    ]
      .filter(Boolean)
      .join(" ");
    if (had) svg.focus({ preventScroll: true });
    const place = event => {
      const box = svg.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const axisAt = px => axes.findIndex((_, i) => Math.abs(at(i) - px) < 12);
    const find = (px, py) => {
      const step = axes.length > 1 ? (width - 2 * side) / (axes.length - 1) : width,
        i = clamp(Math.floor((px - side) / step), 0, Math.max(0, axes.length - 2)),
        part = clamp((px - at(i)) / step, 0, 1);
      const distance = d => Math.abs(d.ys[i] + part * ((d.ys[i + 1] ?? d.ys[i]) - d.ys[i]) - py);
      const d = d3.least(
        lines.filter(e => !e.faded && this.kept(e)),
        distance,
      );
      return d && distance(d) < 10 ? d : null;
    };
    const tell = (d, x, y) => {
      this.hover.selectAll("*").remove();
      if (!d) {
        hideTip();
        return "";
      }
      this.hover
        .append("path")
        .attr(
          "d",
          d3.line(
            (_, i) => at(i),
            y1 => y1,
          )(d.ys),
        )
        .attr("fill", "none")
        .attr("stroke", "var(--text)")
        .attr("stroke-width", 2.5);
      const parts = d.lines();
      showTip(
        x,
        y,
        parts[0],
        parts.slice(1).map(([text, value]) => ({ text, value })),
      );
      return [parts[0], ...parts.slice(1).map(([text, value]) => `${text} ${value}`)].join(", ");
    };
    let from = null,
      axis = -1,
      band = null;
    svg.addEventListener("pointerdown", event => {
      from = place(event);
      axis = axisAt(from[0]);
    });
    svg.addEventListener("pointermove", event => {
      const [x, y] = place(event);
      svg.style.cursor = axisAt(x) >= 0 ? "ns-resize" : "pointer";
      if (from && axis >= 0 && event.buttons & 1 && Math.abs(y - from[1]) > 5) {
        if (!band) {
          band = drawing
            .append("rect")
            .attr("x", at(axis) - 7)
            .attr("width", 14)
            .attr("fill", "var(--mark)")
            .attr("fill-opacity", 0.3);
          svg.setPointerCapture(event.pointerId);
        }
        band.attr("y", Math.min(y, from[1])).attr("height", Math.abs(y - from[1]));
        return;
      }
      tell(find(x, y), event.clientX, event.clientY);
    });
    svg.addEventListener("pointerup", event => {
      const [x, y] = place(event);
      if (band) {
        this.ranges.set(axis, [Math.min(y, from[1]), Math.max(y, from[1])]);
        band = null;
        this.changed();
      } else if (from && axisAt(x) >= 0) {
        if (this.ranges.delete(axisAt(x))) this.changed();
      } else if (from) {
        const d = find(x, y);
        if (d) this.onOpen(d.trial);
      }
      from = null;
    });
    svg.addEventListener("pointerleave", () => {
      this.hover.selectAll("*").remove();
      hideTip();
    });
    svg.addEventListener("keydown", event => {
      const ranks = [...lines].reverse();
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        this.at = clamp(this.at + (event.key === "ArrowDown" ? 1 : -1), 0, ranks.length - 1);
        const box = svg.getBoundingClientRect();
        told.textContent = tell(ranks[this.at], box.left + side, box.top + ranks[this.at].ys[0]);
      } else if (event.key === "Enter" && this.at >= 0) this.onOpen(ranks[this.at].trial);
      else if (event.key === "Escape" && this.ranges.size) {
        this.ranges.clear();
        this.changed();
      } else return;
      event.preventDefault();
    });
  }

  changed() {
    this.draw();
    this.onRange(this.ranges.size ? new Set(this.items.filter(this.kept).map(d => d.trial.number)) : null);
  }
}
