"use strict";
// The data, how values are told, and what scales they are drawn on.
const data = JSON.parse(document.getElementById("data").textContent);
const trials = data.trials;
const isSweep = data.kind === "sweep",
  isComparison = data.kind === "comparison";
const { name: score, higherIsBetter } = data.metrics[0];

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

// Numbers within a text, with as many digits as a glance takes in.
const short = text => String(text).replace(/\d+\.\d{5,}(e-?\d+)?/gi, number => show(+number, 4));

function show(value, digits = 6) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  const size = Math.abs(value);
  if (size === Infinity) return `${value > 0 ? "over " : "under -"}1.79e308`;
  if (size !== 0 && (size >= 1e7 || size < 1e-4))
    return value
      .toExponential((digits === 6 ? 5 : digits) - 1)
      .replace(/\.?0+e/, "e")
      .replace("e+", "e");
  return String(+value.toPrecision(size >= 1e4 ? Math.max(digits, Math.ceil(Math.log10(size + 1))) : digits));
}
// The value of a hyperparameter: of a whole number all digits.
const exact = value => (typeof value === "number" ? String(value).replace("e+", "e") : show(value));
const valued = (value, digits) => (Number.isInteger(value) ? exact(value) : show(value, digits));
// As many digits as nearly all values need to differ.
function digitsOf(values) {
  const all = [...new Set(values.filter(v => typeof v === "number"))];
  let digits = 5;
  while (digits < 17 && new Set(all.map(v => valued(v, digits))).size < 0.9 * all.length) digits += 3;
  return digits;
}
const count = n => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
const time = s =>
  s < 0.1
    ? `${+(s * 1000).toPrecision(2)} ms`
    : s < 60
      ? `${+s.toPrecision(2)} s`
      : s < 3600
        ? `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`
        : `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`;
const words = { RSquared: "R²", AreaUnderRocCurve: "Area under the ROC curve", F1Score: "F1 score", LogLoss: "Log-loss" };
const units = new Map(data.metrics.map(m => [m.name, m.unit]));
const human = name =>
  (Object.hasOwn(words, name) ? words[name] : name.replace(/(?!^)([A-Z])/g, c => " " + c.toLowerCase())) +
  (units.get(name) ? ` (${units.get(name)})` : "");
const endings = {
  Completed: "completed",
  EarlyStopped: "stopped early",
  Pruned: "left by the sweep",
  Diverged: "diverged",
  Cancelled: "cancelled",
  Failed: "failed",
};
const plural = (n, word) => `${count(n)} ${word}${n === 1 ? "" : "s"}`;

for (const t of trials) {
  if (t.failure) t.ended = "Failed";
  t.title = t.name ?? `Trial ${t.number}`;
}
const isBetter = (a, b) => (higherIsBetter ? a > b : a < b);
const compare = (a, b) =>
  a.score === null
    ? b.score === null
      ? a.number - b.number
      : 1
    : b.score === null
      ? -1
      : a.score === b.score
        ? a.number - b.number
        : isBetter(a.score, b.score)
          ? -1
          : 1;
const ranked = [...trials].sort(compare);
ranked.forEach((t, i) => {
  t.place = i;
  t.rank = t.score === null ? null : i + 1;
});
data.factors.forEach((f, i) => {
  f.digits = digitsOf(trials.map(t => t.values[i]));
});
const byNumber = new Map(trials.map(t => [t.number, t]));
const hasScore = t => t.score !== null;
const varies = of => new Set(trials.map(of)).size > 1;
const scheduleVaries = varies(t => t.schedule);

// A name that is too long for its place keeps what tells it from the others: its beginning, its last word, or both ends.
function brief(name, room, others) {
  if (name.length <= room) return name;
  const start = name.slice(0, room - 1).trimEnd();
  if (others.every(other => other === name || !other.startsWith(start))) return `${start}…`;
  const end = name.slice(name.lastIndexOf(".") + 1),
    isOwn = text => others.every(other => other === name || !other.endsWith(text));
  if (end !== name && end.length < room && isOwn(`.${end}`)) return `…${end}`;
  const last = Math.ceil((room - 1) / 2);
  return `${name.slice(0, room - 1 - last)}…${name.slice(-last)}`;
}

// What a trial is known by beside its number: its schedule, and what tells it from others that have the same one.
const sameSchedule = d3.rollup(
  trials,
  all => all.length,
  t => t.schedule,
);
function known(t) {
  const told = data.factors
    .map((f, i) => [f, t.values[i]])
    .filter(([f, v]) => f.column && v !== null && !(scheduleVaries && f.schedule))
    .sort((a, b) => (b[0].share ?? 0) - (a[0].share ?? 0));
  const some = told.slice(0, scheduleVaries ? (sameSchedule.get(t.schedule) > 1 ? 1 : 0) : 2).map(([f, v]) => `${f.name} ${valued(v, 3)}`);
  return [...(scheduleVaries ? [short(t.schedule)] : []), ...some].join(", ");
}
const label = t =>
  t.name !== undefined
    ? scheduleVaries && t.name !== t.schedule
      ? `${t.title} · ${short(t.schedule)}`
      : t.title
    : [String(t.number), known(t)].filter(Boolean).join(" · ");
const textOf = lines => lines.map(i => data.lines[i]).join("\n");

// The points of a metric, epoch by epoch, null where it is not defined; and the steps of a rate.
const epochsOf = t => t.at ?? t.curves[0].map((_, i) => i + 1);
const curveOf = (t, metric) => epochsOf(t).map((x, i) => [x, t.curves[metric][i]]);
const isValue = point => typeof point?.[1] === "number";
const measured = value => (value === null ? "undefined" : show(value));
// Where curves have gaps: for each kind of them the runs of epochs.
function gapsText(series) {
  const parts = series
    .map(s => {
      const kinds = ["undefined", "infinite"]
        .map(kind => {
          const runs = [];
          s.points.forEach((p, i) => {
            const isOne = q => q && !isValue(q) && (q[1] === null) === (kind === "undefined");
            if (isOne(p) && isOne(s.points[i - 1])) runs[runs.length - 1][1] = p[0];
            else if (isOne(p)) runs.push([p[0], p[0]]);
          });
          if (!runs.length) return null;
          const told =
            runs.length > 3
              ? `${runs.length} parts of epochs ${runs[0][0]} to ${runs[runs.length - 1][1]}`
              : `epoch${runs.length === 1 && runs[0][0] === runs[0][1] ? "" : "s"} ` +
                runs.map(([from, to]) => (from === to ? from : `${from} to ${to}`)).join(", ");
          return `${kind} in ${told}`;
        })
        .filter(Boolean);
      return kinds.length ? `${s.text}: ${kinds.join("; ")}` : null;
    })
    .filter(Boolean);
  return parts.length
    ? `${parts.slice(0, 3).join(". ")}${parts.length > 3 ? `. And ${plural(parts.length - 3, "more curve")}` : ""}.`
    : "";
}
const rateOf = (t, group = 0) => (t.rates[group] ? t.rates[group].x.map((x, i) => [x, t.rates[group].y[i]]) : []);

// Colours that the colour-blind tell apart, then dashes.
const colours = 7,
  dashes = ["", "7 4", "2 3"];
const given = new Map();
function styleOf(number) {
  if (!given.has(number)) given.set(number, given.size);
  const i = given.get(number),
    dash = Math.floor(i / colours) % dashes.length;
  return { stroke: `var(--c${i % colours})`, dash: dashes[dash], dashKind: dash };
}
const swatch = style => element("i", { class: "swatch", style: `border-color:${style.stroke}`, "data-dash": style.dashKind });

// Metrics that no model can have more of.
const endsAtOne = new Set(["RSquared", "AreaUnderRocCurve", "Accuracy", "F1Score", "MicroAccuracy", "MacroAccuracy"]);

// Scales: from a value to a number that is drawn in a straight line, and back.
const finite = values => values.filter(v => typeof v === "number" && Number.isFinite(v));
// Also of numbers whose sum is none.
function medianOf(values) {
  const all = finite(values).sort(d3.ascending);
  return all.length ? all[(all.length - 1) >> 1] / 2 + all[all.length >> 1] / 2 : undefined;
}
const clamp = (v, low, high) => Math.max(low, Math.min(high, v));
const within = value => clamp(value, -Number.MAX_VALUE, Number.MAX_VALUE);
// Whether most values differ by their order of magnitude, and not only a few, nor those that the limits leave out.
function wideSpread(values, ...outliers) {
  const [low, high] = limitsOf(finite(values), ...outliers),
    all = finite(values)
      .filter(v => v >= low && v <= high)
      .sort(d3.ascending);
  return all.length > 1 && d3.min(finite(values)) > 0 && d3.quantileSorted(all, 0.9) / d3.quantileSorted(all, 0.1) >= 20;
}
function scaleOf(values, log) {
  const sizes = finite(values).map(Math.abs),
    most = d3.max(sizes) ?? 1;
  if (log && sizes.length && d3.min(finite(values)) > 0) return { kind: "log", to: Math.log10, from: u => within(10 ** u) };
  if (log && sizes.length && d3.max(finite(values)) < 0)
    return { kind: "log", isNegative: true, to: v => -Math.log10(-v), from: u => within(-(10 ** -u)) };
  if (log) {
    // Logarithmic on both sides of zero, and straight in between: no value is without a place.
    const small =
        d3.quantile(
          sizes.filter(v => v > 0),
          0.05,
        ) ?? 1,
      unit = 10 ** Math.max(-300, Math.floor(Math.log10(small)));
    return {
      kind: "symlog",
      unit,
      to: v =>
        Math.sign(v) * (Math.abs(v) / unit > 1e300 ? Math.log10(Math.abs(v)) - Math.log10(unit) : Math.log10(1 + Math.abs(v) / unit)),
      // As large as it may be in between, where the product is a number.
      from: u => within(Math.sign(u) * (Math.abs(u) > 300 ? 10 ** (Math.abs(u) + Math.log10(unit)) : (10 ** Math.abs(u) - 1) * unit)),
    };
  }
  // What is near the end of numbers would leave them when it is subtracted.
  const factor = most > 1e100 || (most > 0 && most < 1e-100) ? 10 ** Math.max(-300, Math.min(300, -Math.floor(Math.log10(most)))) : 1;
  return { kind: "linear", to: v => v * factor, from: u => within(u / factor) };
}

// The limits of what is drawn: all of it, or without values that are far from all others. A few are if they would take nine tenths of the
// height or more from them; a share is if these would take two thirds.
function limitsOf(places, share = 0, few = 0) {
  const sorted = Float64Array.from(places).sort(),
    last = sorted.length - 1,
    some = Math.floor(share * sorted.length);
  if (last < 0) return [0, 1];
  // Halves: the difference of two numbers may be none.
  const size = (from, to) => sorted[to] / 2 - sorted[from] / 2;
  for (const [most, times] of [
    [Math.min(few, Math.floor(sorted.length / 4)), 9],
    [some, 2],
  ]) {
    let low = 0,
      high = last;
    const isFar = (from, to, gap) => sorted[to] > sorted[from] && gap >= times * size(from, to);
    for (let n = most; n > 0; n--)
      if (isFar(most, last - n, size(last - n, last - n + 1))) {
        high -= n;
        break;
      }
    for (let n = most - (last - high); n > 0; n--)
      if (isFar(n, high, size(n - 1, n))) {
        low = n;
        break;
      }
    if (low > 0 || high < last) return [sorted[low], sorted[high]];
  }
  return [sorted[0], sorted[last]];
}
// What the limits leave out, on each side that has some.
function beyondText(values, scale, [low, high]) {
  const below = values.filter(v => scale.to(v) < low),
    above = values.filter(v => scale.to(v) > high);
  const parts = [
    below.length ? ["below, down to", below.length, d3.min(below)] : null,
    above.length ? ["above, up to", above.length, d3.max(above)] : null,
  ].filter(Boolean);
  return parts.length
    ? `Beyond the limits: ${parts.map(([where, n, v], i) => `${i ? count(n) : plural(n, "value")} ${where} ${show(v, 4)}`).join("; ")}.`
    : "";
}
// Room around limits; not above 1 for a metric that ends there.
function padded([low, high], scale = null, metric = null) {
  const pad = high > low ? 0.04 * (high - low) : Math.abs(low) * 0.1 || 1,
    end = scale && endsAtOne.has(metric) ? scale.to(1) : Infinity;
  return [low - pad, high <= end ? Math.min(high + pad, end) : high + pad];
}
function ticksOf(scale, [low, high], most) {
  if (scale.isNegative)
    return ticksOf({ kind: "log", to: Math.log10, from: u => 10 ** u }, [-high, -low], most)
      .map(t => ({ u: -t.u, text: `-${t.text}` }))
      .reverse();
  const brief = v =>
    Math.abs(v) >= 1e5
      ? v
          .toExponential(4)
          .replace(/\.?0+e/, "e")
          .replace("e+", "e")
      : show(v, 6);
  const named = list =>
    list
      .map(u => [u, +scale.from(u).toPrecision(10)])
      .filter(([, v]) => Number.isFinite(v))
      .map(([u, v]) => ({ u, text: brief(v) }));
  if (scale.kind === "linear") return named(d3.ticks(low, high, most));
  const thinned = list => list.filter((_, i) => i % Math.ceil(list.length / (most + 1)) === 0);
  if (scale.kind === "symlog") {
    const least = Math.round(Math.log10(scale.unit));
    const side = thinned(
      d3
        .range(least, 309)
        .map(e => scale.to(+`1e${e}`))
        .filter(u => u <= Math.max(-low, high)),
    );
    const all = [...side.map(u => -u).reverse(), 0, ...side].filter(u => u >= low && u <= high);
    const apart = all.filter((u, i) => i === 0 || u - all[i - 1] > (high - low) / (3 * most));
    return named(
      apart.length >= 2
        ? apart
        : d3
            .ticks(scale.from(low), scale.from(high), most)
            .map(scale.to)
            .filter(u => u >= low && u <= high),
    );
  }
  const powers = d3.range(Math.ceil(low - 1e-9), Math.floor(high + 1e-9) + 1);
  if (powers.length >= 3) return named(thinned(powers));
  const fine = d3
    .range(Math.floor(low), Math.ceil(high) + 1)
    .flatMap(e => [1, 2, 5].map(f => e + Math.log10(f)))
    .filter(u => u >= low && u <= high);
  if (fine.length >= 3) return named(thinned(fine));
  return named(
    d3
      .ticks(scale.from(low), scale.from(high), most)
      .filter(v => v > 0)
      .map(Math.log10)
      .filter(u => u >= low && u <= high),
  );
}
