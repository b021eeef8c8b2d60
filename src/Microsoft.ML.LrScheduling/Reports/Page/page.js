// The page: what is known of all trials, the leaderboard, the curves, what each factor did, and a trial's own view.
const main = document.querySelector("main");
// A long word breaks between those that it is made of.
const parted = (word, ...places) =>
  word.length < 20 || !places.length ? [word] : word.split(places[0]).flatMap(part => parted(part, ...places.slice(1)));
const breakable = text =>
  text
    .split(/(\s+)/)
    .flatMap(word =>
      parted(word, /(?<=[[(])/, /(?<=[a-z\d])(?=[A-Z])|(?<=[._/\\-])/).flatMap((part, i) => (i ? [element("wbr"), part] : [part])),
    );
// What is long takes a few lines: texts that begin alike differ further on.
const inLines = text => (text.length <= 24 ? text : element("span", { class: "lines" }, ...breakable(text.slice(0, 600))));
const heading = main.querySelector("h1");
heading.replaceChildren(...breakable(heading.textContent));
const section = (title, ...children) => {
  const id = `s-${title.toLowerCase().replace(/[^a-z]+/g, "-")}`,
    made = element("section", { "aria-labelledby": id }, element("h2", { id }, title), ...children);
  main.append(made);
  return made;
};
const tiles = list =>
  element(
    "dl",
    { class: "tiles" },
    ...list
      .filter(Boolean)
      .map(([name, value, ...more]) =>
        element(
          "div",
          {},
          element("dt", {}, name),
          element("dd", { class: "value" }, value),
          ...more.filter(Boolean).map(m => element("dd", { class: "more" }, ...(typeof m === "string" ? breakable(m) : [m]))),
        ),
      ),
  );
const span = numbers => {
  const [least, most] = d3.extent(numbers);
  return least === most ? count(least) : `${count(least)} to ${count(most)}`;
};
function rowsTile(some) {
  const known = some.filter(t => t.rows !== undefined),
    validation = known.map(t => t.validationRows ?? 0);
  return known.length
    ? ["Rows", span(known.map(t => t.rows)), d3.max(validation) > 0 ? `and ${span(validation)} for validation` : "no validation rows"]
    : null;
}
const goal = `${higherIsBetter ? "higher" : "lower"} is better`;

const folds = d3.max(trials, t => t.folds.length) || 0;

// The chosen trials have curves of their own colour; the others are points.
const chosen = new Set(
  ranked
    .filter(t => t.epochs > 0)
    .slice(0, isComparison ? 12 : 5)
    .map(t => t.number),
);
for (const n of chosen) styleOf(n);
let filterWords = [],
  ranges = null;
const columnsOf = () => [
  { title: "rank", of: t => t.rank, number: true },
  isComparison
    ? { title: "training", of: t => t.name, open: true, text: true }
    : { title: "trial", of: t => t.number, number: true, open: true },
  { title: human(score), plain: [score, "score"], of: t => t.score, number: true },
  // A hyperparameter keeps the name that it has in the search space.
  ...(scheduleVaries
    ? [
        {
          title: data.factors.some(f => f.column && f.name === "schedule") ? "full schedule" : "schedule",
          of: t => t.schedule,
          text: true,
          brief: true,
        },
      ]
    : []),
  ...data.factors
    .map((f, i) => ({
      title: f.name,
      of: t => t.values[i] ?? (isComparison ? "default" : null),
      show: v => valued(v, f.digits),
      number: !f.category,
      text: f.category,
      hidden: !f.column,
    }))
    .filter(c => !c.hidden),
  ...(varies(t => t.epochs) ? [{ title: "epochs", of: t => t.epochs, number: true }] : []),
  ...(isComparison && trials.some(t => t.best) ? [{ title: "best epoch", of: t => t.best ?? null, number: true }] : []),
  ...(isComparison ? [{ title: "seconds", of: t => t.seconds, number: true, show: v => show(v, 3) }] : []),
  {
    title: "ended",
    of: t => (t.failure ? `failed: ${t.failure}` : t.divergence ? `diverged ${t.divergence}` : endings[t.ended]),
    text: true,
  },
];

// A filter is words that a row must have, and bounds as in rate<0.1.
function parseFilter(text, columns) {
  return text
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(word => {
      const [, name, sign, bound] = word.match(/^(.+?)(<=|>=|<|>)(-?[\d.]+(?:e[+-]?\d+)?)$/i) ?? [];
      const column =
        name && columns.find(c => [c.title, ...(c.plain ?? [])].some(n => n.toLowerCase().replaceAll(" ", "") === name.toLowerCase()));
      if (!column) return t => columns.some(c => `${c.title}=${(c.show ?? show)(c.of(t))}`.toLowerCase().includes(word.toLowerCase()));
      return t => {
        const v = column.of(t),
          b = +bound;
        return typeof v === "number" && (sign === "<" ? v < b : sign === ">" ? v > b : sign === "<=" ? v <= b : v >= b);
      };
    });
}
const passes = t => filterWords.every(word => word(t)) && (!ranges || ranges.has(t.number));

function header() {
  const trainers = [...new Set(trials.map(t => t.trainer).filter(Boolean))].join(", ");
  const best = ranked.find(hasScore),
    scores = ranked.filter(hasScore).map(t => t.score);
  const ended = d3
    .rollups(
      trials,
      all => all.length,
      t => t.ended,
    )
    .sort((a, b) => Object.keys(endings).indexOf(a[0]) - Object.keys(endings).indexOf(b[0]));
  main
    .querySelector("header")
    .append(
      element(
        "p",
        { class: "dim", id: "summary" },
        [trainers, `compared by ${human(score)} (${goal}${folds ? `, mean of ${folds} folds` : ""})`].filter(Boolean).join(" · "),
      ),
    );
  const bar = element(
    "div",
    { class: "share", "aria-hidden": "true" },
    ...ended.map(([name, n]) => element("i", { "data-ended": name, style: `flex:${n}` })),
  );
  const ahead = scores.length > 1 ? Math.abs(scores[0] - scores[1]) : null,
    middle = Math.abs(scores[0] - medianOf(scores));
  main
    .querySelector("header")
    .append(
      tiles([
        best
          ? [
              `Best ${human(score).replace(/^[A-Z](?=[a-z])/, c => c.toLowerCase())}`,
              show(best.score),
              element("button", { type: "button", class: "link", onclick: () => open(best) }, best.title),
              known(best),
            ]
          : ["Best", "–", `no ${isComparison ? "training" : "trial"} has a score`],
        ahead === null ? null : ["Better by", show(ahead, 3), "than the second best", `${show(middle, 3)} than the median`],
        [
          isComparison ? "Trainings" : "Trials",
          count(trials.length),
          bar,
          ended.map(([name, n]) => `${count(n)} ${endings[name]}`).join(" · "),
        ],
        ["Time", time(data.seconds), isComparison ? "of all trainings" : "of training"],
        rowsTile(trials),
      ]),
    );
  const notes = data.notes.map(note => element("p", { class: "dim" }, note));
  if (notes.length > 3)
    main.querySelector("header").append(element("details", {}, element("summary", {}, plural(notes.length, "note")), ...notes));
  else main.querySelector("header").append(...notes);
}

// The leaderboard.
const most = 200;
let sorted = { column: 0, descending: false },
  showsAll = false;
let refresh = () => {},
  mark = () => {};
function board() {
  // About half of the trials pass the example.
  const columns = columnsOf(),
    differs = (f, i) => !f.category && f.column && new Set(finite(trials.map(t => t.values[i]))).size > 1;
  const rate = data.factors.findIndex((f, i) => f.rate && differs(f, i)),
    bounded = rate >= 0 ? rate : data.factors.findIndex(differs);
  const example = bounded < 0 ? [score, trials.map(t => t.score)] : [data.factors[bounded].name, trials.map(t => t.values[bounded])],
    middle = medianOf(example[1]);
  const filter = element("input", {
    type: "search",
    id: "filter",
    placeholder:
      middle === undefined
        ? "words that a row must have"
        : `words, or bounds: ${example[0].replaceAll(" ", "").toLowerCase()}<${show(middle, 3)}`,
  });
  const counted = element("span", { class: "dim", id: "count", role: "status" }),
    head = element("tr"),
    body = element("tbody"),
    more = element("button", {
      type: "button",
      onclick: () => {
        showsAll = true;
        draw();
      },
    });
  head.append(
    element("th", { scope: "col" }, element("span", { class: "unseen" }, "curve")),
    ...columns.map((c, i) =>
      element(
        "th",
        { scope: "col", class: c.number ? "number" : null },
        element(
          "button",
          {
            type: "button",
            title: c.title,
            onclick: () => {
              sorted = { column: i, descending: sorted.column === i && !sorted.descending };
              draw();
            },
          },
          c.title,
        ),
      ),
    ),
  );
  const made = section(
    "Leaderboard",
    element("div", { class: "row" }, element("label", { for: "filter" }, "Filter"), filter, counted),
    element(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Leaderboard" },
      element("table", { id: "board" }, element("thead", {}, head), body),
    ),
    more,
  );
  let waiting;
  filter.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      filterWords = parseFilter(filter.value, columns);
      refresh();
    }, 60);
  });
  body.addEventListener("click", event => {
    const row = event.target.closest("tr");
    if (row && !event.target.closest("input, label") && !String(getSelection())) open(byNumber.get(+row.dataset.number));
  });
  // In place: who has chosen by the keyboard stays there.
  function markRows() {
    for (const row of body.rows) {
      const number = +row.dataset.number,
        isChosen = chosen.has(number),
        label = row.querySelector("label");
      row.className = isChosen ? "chosen" : "";
      label.firstChild.checked = isChosen;
      label.querySelector(".swatch")?.remove();
      if (isChosen) label.append(swatch(styleOf(number)));
    }
  }
  function draw() {
    const column = columns[sorted.column],
      rows = trials.filter(passes);
    rows.sort((a, b) => {
      const x = column.of(a),
        y = column.of(b);
      if (x === null || x === undefined) return y === null || y === undefined ? a.place - b.place : 1;
      if (y === null || y === undefined) return -1;
      const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "en", { numeric: true });
      return (sorted.descending ? -order : order) || a.place - b.place;
    });
    [...head.children]
      .slice(1)
      .forEach((th, i) => th.setAttribute("aria-sort", i === sorted.column ? (sorted.descending ? "descending" : "ascending") : "none"));
    body.replaceChildren(
      ...rows.slice(0, showsAll ? Infinity : most).map(t => {
        const box = element("input", { type: "checkbox", "aria-label": `curves of ${t.title}`, onchange: () => choose(t, box.checked) });
        return element(
          "tr",
          { "data-number": t.number },
          element("td", {}, element("label", {}, box)),
          ...columns.map(c =>
            element(
              "td",
              { class: c.number ? "number" : c.text ? "text" : null, title: c.text ? c.of(t) : null },
              c.open
                ? element("button", { type: "button", class: "link" }, inLines(show(c.of(t))))
                : inLines(c.brief ? short(c.of(t)) : (c.show ?? show)(c.of(t))),
            ),
          ),
        );
      }),
    );
    markRows();
    more.hidden = showsAll || rows.length <= most;
    more.textContent = `Show all ${count(rows.length)}`;
    counted.textContent = `${count(rows.length)} of ${count(trials.length)}`;
  }
  draw();
  return { draw, markRows };
}
function choose(t, isChosen) {
  if (isChosen) {
    chosen.add(t.number);
    styleOf(t.number);
  } else chosen.delete(t.number);
  mark();
}

// The curves of the chosen trials, over each other.
let picked = null;
const linesOf = (t, points, more = {}) => ({
  text: label(t),
  style: styleOf(t.number),
  points,
  trial: t,
  diverged: t.ended === "Diverged",
  picked: t === picked,
  ...more,
});
// Linked charts show the same part of the horizontal axis, and one cursor.
function linkCharts(charts) {
  for (const chart of charts) {
    chart.shareX = range => {
      for (const other of charts)
        if (other !== chart) {
          other.zoom.x = range;
          other.draw();
        }
    };
    chart.shareCursor = x => {
      for (const other of charts)
        if (other !== chart) {
          other.unpoint();
          other.cursor(x);
        }
    };
    chart.figure.addEventListener("pointerleave", () => charts.forEach(other => other.unpoint()));
  }
}
function curves() {
  const names = data.metrics.map(m => m.name),
    losses = names.indexOf("TrainingLoss");
  // The training loss has a chart of its own where trials are compared by another metric. Scores of folds have no curve.
  const drawn = names
    .map((_, i) => i)
    .filter(i => i === 0 || i !== losses)
    .filter(i => trials.some(t => finite(t.curves[i]).length));
  const select =
    drawn.length > 1
      ? element(
          "select",
          { id: "metric", "aria-label": "Metric", onchange: () => draw() },
          ...drawn.map(i => element("option", { value: i }, human(names[i]))),
        )
      : null;
  const rates = new LineChart("rates", "Learning rate", { onOpen: open }),
    metric = drawn.length ? new LineChart("metric", human(names[drawn[0]]), { onOpen: open }) : null,
    loss = losses > 0 ? new LineChart("losses", "Training loss", { onOpen: open, better: false }) : null;
  const all = [metric, rates, loss].filter(Boolean),
    legend = element("ul", { class: "legend", "aria-label": "Chosen trials" });
  if (select) metric.caption.replaceChildren(select);
  linkCharts(all);
  const values = element("details", {}, element("summary", {}, "The values as a table")),
    table = element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Values of the chosen trials" });
  values.append(table);
  values.addEventListener("toggle", () => draw());
  section(
    "Curves",
    folds
      ? element(
          "p",
          { class: "dim" },
          `Scores are means of ${folds} folds, and have no curve. The curves are those of training on all rows.`,
        )
      : null,
    element("div", { class: "charts" }, ...all.map(c => c.figure)),
    legend,
    values,
  );
  // The trial of a legend's entry opens, and its curve is drawn whole and wide until the entry is clicked again.
  function pick(t) {
    picked = t === picked ? null : t;
    draw();
    legend.querySelector(`[data-number="${t.number}"]`).focus();
    if (picked) open(t);
  }
  function draw() {
    const list = ranked.filter(t => chosen.has(t.number)),
      m = +(select?.value ?? drawn[0] ?? losses);
    if (metric) Object.assign(metric, { title: human(names[m]), better: data.metrics[m].higherIsBetter, metric: names[m] });
    rates.set(list.map(t => linesOf(t, rateOf(t), { ...t.rates[0], isRate: true })));
    metric?.set(list.map(t => linesOf(t, curveOf(t, m))));
    loss?.set(list.map(t => linesOf(t, curveOf(t, losses))));
    legend.replaceChildren(
      ...list.map(t =>
        element(
          "li",
          {},
          element(
            "button",
            { type: "button", "data-number": t.number, title: t.schedule, "aria-pressed": String(t === picked), onclick: () => pick(t) },
            swatch(styleOf(t.number)),
            element("span", {}, ...breakable(`${label(t)}:`.slice(0, 600))),
            element("b", {}, show(t.score)),
          ),
        ),
      ),
    );
    if (values.open) {
      const columns = list.map(t => new Map(curveOf(t, m))),
        epochs = [...new Set(columns.flatMap(c => [...c.keys()]))].sort(d3.ascending);
      table.replaceChildren(
        element(
          "table",
          {},
          element("caption", { class: "unseen" }, human(names[m])),
          element(
            "thead",
            {},
            element(
              "tr",
              {},
              element("th", { scope: "col" }, "epoch"),
              ...list.map(t => element("th", { scope: "col", class: "number" }, t.title)),
            ),
          ),
          element(
            "tbody",
            {},
            ...epochs.map(e =>
              element(
                "tr",
                {},
                element("th", { scope: "row" }, String(e)),
                ...columns.map(c => element("td", { class: "number" }, c.has(e) ? measured(c.get(e)) : show(null))),
              ),
            ),
          ),
        ),
      );
    }
  }
  draw();
  return draw;
}

// What the factors did: importance, all at once, and one by one.
function effects() {
  const redraws = [],
    factors = data.factors;
  const scores = trials.filter(hasScore).map(t => t.score),
    state = { log: wideSpread(scores, ...farScores), all: false };
  const linesFor = t => [
    t.title,
    [human(score), show(t.score)],
    ...(scheduleVaries ? [[short(t.schedule), ""]] : []),
    ...factors
      .map((f, i) => [f, t.values[i]])
      .filter(([f, v]) => f.column && v !== null)
      .map(([f, v]) => [f.name, valued(v, 4)]),
    ...(t.score === null ? [[endings[t.ended], ""]] : []),
  ];
  const pointOf = (t, x) => ({
    trial: t,
    x,
    y: t.score,
    style: chosen.has(t.number) ? styleOf(t.number) : null,
    pale: t.ended === "Pruned",
    faded: !passes(t),
    lines: () => linesFor(t),
  });
  const dotCharts = [];
  const addDots = (chart, of, keep = () => true) => {
    dotCharts.push(chart);
    redraws.push(() =>
      chart.set(
        trials.filter(keep).map(t => pointOf(t, of(t))),
        { isLog: state.log, all: state.all, domain: scores },
      ),
    );
  };
  const logButton = element(
    "button",
    {
      type: "button",
      class: "small",
      title: "A logarithmic scale of the score; values of zero and below stay",
      onclick: () => {
        state.log = !state.log;
        dotCharts.forEach(c => {
          c.zoom.y = null;
        });
        update();
      },
    },
    "log",
  );
  const allButton = element(
    "button",
    {
      type: "button",
      class: "small",
      title: "The limits of all values, also of those far from all others",
      onclick: () => {
        state.all = !state.all;
        dotCharts.forEach(c => {
          c.zoom.y = null;
        });
        update();
      },
    },
    "all",
  );
  const withMetric = { onOpen: open, metric: score };
  const noScore = trials.filter(t => !hasScore(t)),
    switches = [
      element("span", { class: "dim" }, `${human(score)}, ${goal}.`),
      logButton,
      allButton,
      element(
        "span",
        { class: "dim" },
        (noScore.length ? "× has no score: it diverged or failed. " : "") +
          (trials.some(t => t.ended === "Pruned") ? "Pale points were left before their end." : ""),
      ),
    ];

  const history = new DotChart("history", "Best so far", { ...withMetric, xTitle: "trial", height: 270, whole: true });
  let best = null;
  history.steps = [];
  for (const t of [...trials].sort((a, b) => a.number - b.number))
    if (hasScore(t) && (best === null || isBetter(t.score, best))) {
      best = t.score;
      history.steps.push([t.number, best]);
    }
  if (history.steps.length) history.steps.push([d3.max(trials, t => t.number), best]);
  addDots(history, t => t.number);

  // Of a handful of trials the leaderboard and the curves say it all; of a word that no two trials share, the leaderboard does.
  if (trials.length < 8) return () => {};
  const pictured = factors
    .map((f, i) => i)
    .filter(
      i =>
        !factors[i].category ||
        d3
          .rollups(
            trials.filter(t => t.values[i] !== null),
            all => all.length,
            t => t.values[i],
          )
          .some(([, n]) => n > 1),
    );
  const figures = [history.figure];
  if (factors.length && factors[0].share !== undefined) figures.unshift(importance());
  section("Trials", element("div", { class: "row" }, ...switches), element("div", { class: "charts" }, ...figures));

  const scoreAxis = {
    title: human(score),
    index: -1,
    category: false,
    robust: true,
    of: t => t.trial.score,
    none: higherIsBetter ? 0 : 1,
  };
  if (pictured.length > 1) {
    const parallel = new ParallelChart(
      [...pictured.map(i => ({ title: factors[i].name, index: i, category: factors[i].category, of: d => d.values[i] })), scoreAxis],
      {
        onOpen: open,
        onRange: kept => {
          ranges = kept;
          refresh();
        },
      },
    );
    redraws.push(() =>
      parallel.set(
        trials
          .map(t => ({
            trial: t,
            values: [...t.values],
            rank: t.rank === null ? null : (t.rank - 1) / Math.max(1, scores.length - 1),
            faded: !filterWords.every(word => word(t)),
            lines: () => linesFor(t),
          }))
          .map(d => {
            d.values[-1] = d.trial.score;
            return d;
          }),
      ),
    );
    section("Parallel coordinates", parallel.figure);
  }

  const rate =
    factors.findIndex(f => f.rate) >= 0 ? factors.findIndex(f => f.rate) : d3.maxIndex(factors, f => (f.category ? -1 : (f.share ?? 0)));
  const kind =
    factors.findIndex(f => f.schedule) >= 0
      ? factors.findIndex(f => f.schedule)
      : d3.maxIndex(factors, f => (f.category ? (f.share ?? 0) : -1));
  if (pictured.includes(rate) && pictured.includes(kind) && !factors[rate].category && factors[kind].category) {
    const kinds = d3
        .groups(trials, t => t.values[kind])
        .sort((a, b) => d3.min(a[1], t => t.place) - d3.min(b[1], t => t.place))
        .slice(0, 24),
      shared = finite(trials.map(t => t.values[rate]));
    if (kinds.length > 1) {
      const charts = kinds.map(([name, some]) => {
        const chart = new DotChart("multiple", `${name === null ? "–" : name}: ${plural(some.length, "trial")}`, {
          ...withMetric,
          height: 180,
          xTitle: null,
        });
        chart.xShared = shared;
        addDots(
          chart,
          t => t.values[rate],
          t => t.values[kind] === name,
        );
        return chart;
      });
      section(
        `${factors[rate].name} × ${factors[kind].name}`,
        element("p", { class: "dim" }, `${human(score)} by ${factors[rate].name}, for each ${factors[kind].name}; the best first.`),
        element("div", { class: "multiples" }, ...charts.map(c => c.figure)),
      );
    }
  }
  const singles = pictured.map(i => {
    const f = factors[i];
    const chart = new DotChart(`factor-${i}`, f.name, { ...withMetric, category: f.category, xTitle: null, height: 240 });
    if (f.rate && data.finder) chart.rules = [{ x: data.finder.suggested }];
    if (chart.rules.length && data.finder.suggested !== null)
      chart.extraNote = `The finder suggested ${show(data.finder.suggested, 3)} (green line).`;
    addDots(
      chart,
      t => t.values[i],
      t => t.values[i] !== null,
    );
    return chart;
  });
  if (singles.length) section("One by one", element("div", { class: "charts" }, ...singles.map(c => c.figure)));
  function update() {
    logButton.setAttribute("aria-pressed", state.log);
    allButton.setAttribute("aria-pressed", state.all);
    redraws.forEach(f => f());
  }
  update();
  return update;
}

function importance() {
  const list = data.factors.map(f => ({ name: f.name, share: f.share })).sort((a, b) => b.share - a.share),
    plot = element("div", { class: "plot" }),
    trusted = data.explained > 0.2,
    uncounted = trials.filter(t => t.failure).length;
  const figure = element(
    "figure",
    { "data-chart": "importance" },
    element("figcaption", {}, element("span", {}, "Importance")),
    plot,
    element(
      "p",
      { class: "note" },
      trusted
        ? "Share of what a forest learns of the ranks; " +
            `it explains ${Math.round(100 * data.explained)} % of the ranks of trials it has not seen.`
        : "A forest learns next to nothing of the ranks from these trials: the shares say little.",
      uncounted ? ` ${plural(uncounted, "failed trial")} ${uncounted === 1 ? "is" : "are"} not counted.` : null,
    ),
  );
  const cut = text =>
    brief(
      text,
      22,
      list.map(d => d.name),
    );
  new ResizeObserver(() => {
    const width = Math.floor(plot.clientWidth);
    if (!width || figure.dataset.width === String(width)) return;
    figure.dataset.width = width;
    const svg = Plot.plot({
      width,
      height: list.length * 30 + 12,
      marginLeft: clamp(Math.max(...list.map(d => cut(d.name).length)) * 6.6 + 12, 60, 170),
      marginRight: 44,
      marginTop: 4,
      marginBottom: 8,
      className: "drawn",
      style: { background: "none" },
      x: { domain: [0, Math.max(...list.map(d => d.share), 1e-9)], axis: null },
      y: { domain: list.map(d => d.name), label: null },
      marks: [
        Plot.axisY({ tickSize: 0, label: null, tickFormat: cut, fontSize: 12 }),
        Plot.barX(list, { x: "share", y: "name", fill: trusted ? "var(--c0)" : "var(--dot)", inset: 5, rx: 3 }),
        Plot.text(list, { x: "share", y: "name", text: d => `${Math.round(100 * d.share)} %`, textAnchor: "start", dx: 6 }),
      ],
    });
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `Importance: ${list.map(d => `${d.name} ${Math.round(100 * d.share)} %`).join(", ")}.`);
    svg.style.cursor = "default";
    plot.replaceChildren(svg);
  }).observe(plot);
  return figure;
}

// The finder's curve.
function finder() {
  const f = data.finder,
    chart = new DotChart("finder", "Held-out loss after training, by learning rate", { xTitle: "learning rate", height: 300 });
  chart.rules = [{ x: f.suggested }, { y: f.initial }];
  chart.joined = true;
  chart.extraNote =
    `Grey line: the loss before training, ${show(f.initial, 4)}.` +
    (f.losses.some(v => v === null) ? " × diverged." : "") +
    (f.suggested === null ? "" : " Green line: the rate that is suggested.");
  const losses = finite(f.losses);
  // Rates that are far too high end anywhere: what counts lies about the losses up to the one before training.
  const most = f.initial > d3.min(losses) ? f.initial + 0.5 * (f.initial - d3.min(losses)) : d3.max(losses);
  chart.set(
    f.rates.map((x, i) => ({
      x,
      y: f.losses[i],
      style: f.suggested !== null && Math.abs(x / f.suggested - 1) < 1e-6 ? { stroke: "var(--c2)" } : null,
      lines: () => [`rate ${show(x, 4)}`, ["loss", f.losses[i] === null ? "diverged" : show(f.losses[i])]],
    })),
    { isLog: false, all: true, domain: losses.filter(v => v <= most).concat(f.initial) },
  );
  section(
    data.kind === "rates" ? "Learning rate" : "Learning-rate finder",
    tiles([
      ["Suggested rate", show(f.suggested, 3)],
      ["Loss before training", show(f.initial, 5)],
      ["Least loss", show(d3.min(losses) ?? null, 5)],
      ["Rates tried", count(f.rates.length)],
    ]),
    element("p", {}, f.reason),
    chart.figure,
  );
}

// One training: its losses and rates over each other, its metrics, what happened, and its configuration.
function view(t, host) {
  const names = data.metrics.map(m => m.name),
    losses = ["TrainingLoss", "ValidationLoss"].map(n => names.indexOf(n)),
    plainStyle = i => ({ stroke: `var(--c${i})`, dash: "", dashKind: 0 });
  const options = { leastMargin: 64 },
    loss = new LineChart("loss", losses[1] >= 0 ? "Training and validation loss" : "Training loss", {
      ...options,
      height: 280,
      better: false,
    }),
    rates = new LineChart("rate", "Learning rate", { ...options, height: 170 });
  const bestMarks = t.best ? [{ x: t.best, text: `best: epoch ${t.best}`, stroke: "var(--c2)" }] : [],
    changes = t.events.filter(([e]) => e < t.epochs && t.events.length < 14).map(([e]) => ({ x: e, dash: "1 3" }));
  // Where no epoch is watched each metric has its own best one; the training loss has none, since it falls as long as it trains.
  const bestOf = m =>
    d3.least(
      curveOf(t, m).filter(p => typeof p[1] === "number"),
      (a, b) => (data.metrics[m].higherIsBetter ? b[1] - a[1] : a[1] - b[1]),
    );
  const best = m =>
    t.best ? curveOf(t, m).find(p => p[0] === t.best && typeof p[1] === "number") : names[m] === "TrainingLoss" ? null : bestOf(m);
  const bestText = m => {
    const p = bestOf(m);
    return p ? `Best ${show(p[1], 5)}, epoch ${p[0]}.` : "";
  };
  loss.set(
    losses
      .map((m, i) =>
        m < 0
          ? null
          : { text: human(names[m]), style: plainStyle(i), points: curveOf(t, m), diverged: t.ended === "Diverged", best: best(m) },
      )
      .filter(Boolean),
    [...bestMarks, ...changes],
  );
  rates.set(
    t.rates.map((r, i) => ({
      text: t.rates.length > 1 ? ["weights", "bias"][i] : "learning rate",
      style: plainStyle(i ? 4 : 0),
      points: rateOf(t, i),
      ...r,
      isRate: true,
    })),
    [...bestMarks.map(m => ({ ...m, text: null })), ...changes],
  );
  const others = names
    .map((n, m) =>
      losses.includes(m) || !curveOf(t, m).some(p => typeof p[1] === "number")
        ? null
        : [m, new LineChart(`metric-${m}`, human(n), { height: 200, better: data.metrics[m].higherIsBetter, metric: n })],
    )
    .filter(Boolean);
  if (losses[1] >= 0) loss.noteStart = bestText(losses[1]).replace("Best", "Best validation loss");
  for (const [m, chart] of others) chart.noteStart = bestText(m);
  for (const [m, chart] of others)
    chart.set(
      [{ text: human(names[m]), style: plainStyle(2), points: curveOf(t, m), best: bestOf(m) }],
      bestMarks.map(b => ({ ...b, text: null })),
    );
  const all = [loss, rates, ...others.map(([, chart]) => chart)];
  linkCharts(all);
  const key = s => element("span", { class: "key" }, swatch(s.style), s.text);
  if (loss.series.length > 1) loss.caption.replaceChildren(...loss.series.map(key));
  if (rates.series.length > 1) rates.caption.replaceChildren("Learning rate of ", ...rates.series.map(key));
  host(
    t.epochs ? "Losses and learning rate" : "Training",
    t.epochs ? element("div", { class: "stack" }, loss.figure, rates.figure) : element("p", {}, "No epoch came to its end."),
  );
  if (others.length) host("Metrics", element("div", { class: "charts" }, ...others.map(([, chart]) => chart.figure)));
  const notes = [...(t.failure ? [[0, t.failure]] : []), ...t.events];
  host(
    "What happened",
    element("p", { class: "cut" }, `Schedule: ${t.schedule}.`),
    element("p", {}, `Ended: ${endings[t.ended]} after ${plural(t.epochs, "epoch")}.`),
    notes.length
      ? element(
          "ul",
          { class: "events" },
          ...notes.map(([e, text]) => element("li", {}, e ? element("b", {}, `Epoch ${e}: `) : null, text)),
        )
      : null,
    t.folds.length ? element("p", {}, `Parts of the cross-validation: ${t.folds.map(v => show(v)).join(", ")}.`) : null,
  );
  const blocks = [
    ["C#", textOf(t.csharp)],
    ["JSON", textOf(t.json)],
  ].filter(([, text]) => text);
  if (blocks.length) host("Configuration", ...blocks.map(([name, text]) => code(name, text)));
}
function copyButton(name, text, pre) {
  const button = element(
    "button",
    {
      type: "button",
      class: "small",
      onclick: async () => {
        try {
          await navigator.clipboard.writeText(text);
          button.textContent = "Copied";
        } catch {
          if (pre) getSelection().selectAllChildren(pre);
          button.textContent = pre ? "Selected: press Ctrl+C" : "Not allowed: see below";
        }
        setTimeout(() => {
          button.textContent = `Copy ${name}`;
        }, 2000);
      },
    },
    `Copy ${name}`,
  );
  return button;
}
function code(name, text) {
  const pre = element("pre", { tabindex: 0, role: "region", "aria-label": name, "data-code": name }, text);
  return element("div", { class: "code" }, element("div", { class: "row" }, element("h3", {}, name), copyButton(name, text, pre)), pre);
}
const facts = t =>
  tiles([
    [human(score), show(t.score), t.score === null ? null : t.best ? `best epoch ${t.best}` : `after epoch ${t.epochs}`],
    ["Epochs", count(t.epochs), endings[t.ended]],
    ["Time", time(t.seconds), t.epochs ? `${time(t.seconds / t.epochs)} an epoch` : null],
    rowsTile([t]),
  ]);

// A trial's own view, beside the page.
const dialog = document.getElementById("details");
function open(t) {
  hideTip();
  const at = ranked.indexOf(t),
    step = (text, n) => element("button", { type: "button", class: "small", disabled: !ranked[n], onclick: () => open(ranked[n]) }, text),
    body = element("div");
  const drawn = element(
    "button",
    {
      type: "button",
      class: "small",
      "aria-pressed": String(chosen.has(t.number)),
      onclick: () => {
        choose(t, !chosen.has(t.number));
        drawn.setAttribute("aria-pressed", chosen.has(t.number));
      },
    },
    "curve",
  );
  dialog.replaceChildren(
    element(
      "header",
      {},
      element(
        "h2",
        { id: "details-title" },
        t.title,
        element("span", { class: "dim" }, t.rank === null ? " no score" : ` rank ${t.rank} of ${ranked.filter(hasScore).length}`),
      ),
      t.epochs ? drawn : null,
      step("better", at - 1),
      step("worse", at + 1),
      t.csharp.length ? copyButton("C#", textOf(t.csharp)) : null,
      element("button", { type: "button", class: "small", onclick: () => dialog.close() }, "close"),
    ),
    facts(t),
    body,
  );
  const told = data.factors.map((f, i) => [f, t.values[i]]).filter(([f, v]) => f.column && v !== null);
  if (told.length) body.append(element("p", {}, told.map(([f, v]) => `${f.name} = ${valued(v, f.digits)}`).join(", ")));
  if (!dialog.open) dialog.showModal();
  view(t, (title, ...children) => body.append(element("h3", {}, title), ...children.filter(Boolean)));
  dialog.scrollTop = 0;
}
dialog.addEventListener("click", event => {
  if (event.target === dialog) dialog.close();
});

if (data.kind === "rates") finder();
else if (data.kind === "training") {
  const t = trials[0];
  main
    .querySelector("header")
    .append(
      element(
        "p",
        { class: "dim cut", id: "summary", title: t.schedule },
        [t.trainer === document.title ? "" : t.trainer, t.schedule].filter(Boolean).join(" · "),
      ),
      facts(t),
    );
  view(t, section);
} else {
  header();
  const table = board(),
    draws = [trials.some(t => t.epochs) ? curves() : null, isSweep ? effects() : null].filter(Boolean);
  mark = () => {
    table.markRows();
    draws.forEach(draw => draw());
  };
  refresh = () => {
    table.draw();
    draws.forEach(draw => draw());
  };
  if (data.finder) finder();
}
