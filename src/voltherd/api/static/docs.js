"use strict";
// Shows openapi.json and lets one send requests. It asks no other server for anything.

const VERBS = ["get", "post", "put", "delete"];
const main = document.getElementById("main");
const contents = document.getElementById("contents");
let api;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return element;
}

function resolve(schema) {
  while (schema && schema.$ref) {
    schema = schema.$ref.slice(2).split("/").reduce((here, part) => here[part], api);
  }
  return schema || {};
}

function kindOf(schema) {
  const found = resolve(schema);
  if (found.anyOf || (found.oneOf && !found.title)) return (found.anyOf || found.oneOf).map(kindOf).join(" or ");
  if (found.enum) return found.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (found.const !== undefined) return JSON.stringify(found.const);
  if (found.type === "array") return "list of " + kindOf(found.items || {});
  if (found.type === "object" && found.properties) return found.title || "object";
  if (found.type === "object") return "object: text → " + kindOf(typeof found.additionalProperties === "object" ? found.additionalProperties : {});
  return [found.type || "anything", found.format && `(${found.format})`].filter(Boolean).join(" ");
}

function boundsOf(schema) {
  const words = { minimum: "≥", maximum: "≤", exclusiveMinimum: ">", exclusiveMaximum: "<", minLength: "length ≥", maxLength: "length ≤", minItems: "items ≥", minProperties: "members ≥", default: "default" };
  const all = [resolve(schema), ...(resolve(schema).anyOf || []).map(resolve)];
  const told = [];
  for (const [word, sign] of Object.entries(words)) {
    const holder = all.find((one) => one[word] !== undefined && one[word] !== null && Math.abs(one[word]) !== 2147483648 && one[word] !== 2147483647);
    if (holder) told.push(`${sign} ${JSON.stringify(holder[word])}`);
  }
  return told.join(", ");
}

// The objects inside a schema, whatever lists, choices and maps lie around them.
function objectsIn(schema) {
  const found = resolve(schema);
  if (found.properties) return [found];
  const inner = [...(found.anyOf || []), ...(found.oneOf || []), ...(found.prefixItems || [])];
  if (found.items) inner.push(found.items);
  if (typeof found.additionalProperties === "object") inner.push(found.additionalProperties);
  return inner.flatMap(objectsIn);
}

function members(schema, depth = 0) {
  const found = resolve(schema);
  if (!found.properties) return make("p", {}, kindOf(schema));
  if (!Object.keys(found.properties).length) return make("p", {}, "It has no members.");
  const rows = Object.entries(found.properties).map(([name, member]) => {
    const nested = depth < 4 ? objectsIn(member) : [];
    const about = [make("div", {}, kindOf(member)), make("div", { class: "about" }, [boundsOf(member), member.description || ""].filter(Boolean).join(" · "))];
    for (const one of nested) {
      about.push(make("details", {}, make("summary", {}, one.title || "members"), make("div", {}, members(one, depth + 1))));
    }
    return make("tr", {}, make("td", { class: "name" + ((found.required || []).includes(name) ? " must" : "") }, name), make("td", {}, about));
  });
  return make("table", {}, make("tbody", {}, rows));
}

function jsonSchemaOf(holder) {
  const media = holder && holder.content && Object.entries(holder.content).find(([name]) => name.includes("json"));
  return media && media[1];
}

function sender(method, path, operation) {
  const inputs = [];
  const fields = (operation.parameters || []).map((parameter) => {
    const schema = resolve(parameter.schema);
    const input = schema.enum
      ? make("select", {}, make("option", { value: "" }, ""), schema.enum.map((one) => make("option", {}, String(one))))
      : make("input", { placeholder: schema.default === undefined ? "" : String(schema.default), spellcheck: "false" });
    inputs.push([parameter, input]);
    return make("tr", {}, make("td", { class: "name" + (parameter.required ? " must" : "") }, parameter.name),
      make("td", {}, input), make("td", {}, parameter.in), make("td", {}, parameter.description || kindOf(parameter.schema)));
  });
  const media = jsonSchemaOf(operation.requestBody);
  let text;
  const parts = [];
  if (fields.length) parts.push(make("table", {}, make("tbody", {}, fields)));
  if (media) {
    const examples = Object.entries(media.examples || {});
    text = make("textarea", { spellcheck: "false", "aria-label": "body" });
    text.value = examples.length ? JSON.stringify(examples[0][1].value, null, 2) : "{}";
    if (examples.length) {
      const choice = make("select", { onchange: () => { text.value = JSON.stringify(examples[choice.value][1].value, null, 2); } },
        examples.map(([title], number) => make("option", { value: String(number) }, title)));
      parts.push(make("div", { class: "row" }, "Example", choice));
    }
    parts.push(text);
  }
  const answer = make("pre", { class: "hidden", "aria-live": "polite" });
  let stop;
  const button = make("button", { type: "button", onclick: async () => {
    if (stop) { stop.abort(); return; }
    stop = new AbortController();
    button.textContent = "Stop";
    try { await send(method, path, inputs, text, answer, stop.signal); }
    catch (error) { answer.textContent += `\n${error.name === "AbortError" ? "stopped" : error}`; }
    stop = undefined;
    button.textContent = "Send";
  } }, "Send");
  parts.push(make("div", { class: "row" }, button), answer);
  return parts;
}

async function send(method, path, inputs, text, answer, signal) {
  const query = new URLSearchParams();
  const headers = {};
  const key = document.getElementById("key").value;
  if (key) headers.Authorization = `Bearer ${key}`;
  let url = path;
  for (const [parameter, input] of inputs) {
    if (parameter.in === "path") url = url.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (input.value && parameter.in === "query") query.append(parameter.name, input.value);
    else if (input.value && parameter.in === "header") headers[parameter.name] = input.value;
  }
  if (String(query)) url += `?${query}`;
  if (text) headers["Content-Type"] = "application/json";
  answer.classList.remove("hidden");
  answer.textContent = `${method.toUpperCase()} ${url}\n`;
  // The page lies at /docs: what is relative to it begins where the API begins.
  const response = await fetch(url.slice(1), { method: method.toUpperCase(), headers, body: text ? text.value : undefined, signal });
  answer.textContent += `${response.status} ${response.statusText}\n`;
  for (const name of ["location", "preference-applied", "retry-after", "x-request-id"]) {
    if (response.headers.get(name)) answer.textContent += `${name}: ${response.headers.get(name)}\n`;
  }
  answer.textContent += "\n";
  if ((response.headers.get("content-type") || "").startsWith("text/event-stream")) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      answer.textContent = (answer.textContent + value).slice(-200000);
      answer.scrollTop = answer.scrollHeight;
    }
  }
  const body = await response.text();
  try { answer.textContent += JSON.stringify(JSON.parse(body), null, 2); } catch { answer.textContent += body; }
}

function responsesOf(operation) {
  const rows = Object.entries(operation.responses || {}).map(([code, response]) => {
    const said = resolve(response);
    const media = jsonSchemaOf(said);
    const shown = [make("div", {}, said.description || "")];
    if (media && code.startsWith("2")) {
      for (const one of objectsIn(media.schema)) {
        shown.push(make("details", {}, make("summary", {}, one.title || "members"), make("div", {}, members(one))));
      }
    }
    return make("tr", {}, make("td", { class: "name" }, code), make("td", {}, shown));
  });
  return make("details", {}, make("summary", {}, "Answers"), make("div", {}, make("table", {}, make("tbody", {}, rows))));
}

function operationBox(method, path, operation) {
  const id = operation.operationId || `${method}${path}`;
  const isCommand = JSON.stringify(operation.requestBody || "").includes("Envelope\"");
  const media = jsonSchemaOf(operation.requestBody);
  const box = make("details", { id, class: operation.deprecated ? "old" : undefined },
    make("summary", {}, make("span", { class: `verb ${method}` }, method), make("span", { class: "path" }, path), make("span", { class: "about" }, operation.summary || "")),
    make("div", {},
      operation.description ? make("p", { class: "pre" }, operation.description) : null,
      sender(method, path, operation),
      media && !isCommand ? make("details", {}, make("summary", {}, "The body"), make("div", {}, objectsIn(media.schema).map((one) => members(one)))) : null,
      responsesOf(operation)));
  return [id, box];
}

function commandBox(name, envelope, examples) {
  const [array] = envelope.oneOf;
  const names = resolve(array.prefixItems[0]).enum;
  const found = examples.filter((one) => names.includes(one.value[0]));
  const id = `command-${name}`;
  return [id, make("details", { id },
    make("summary", {}, make("span", { class: "path" }, name), make("span", { class: "about" }, (envelope.description || "").split("\n")[0])),
    make("div", {},
      make("p", { class: "pre" }, envelope.description || ""),
      names.length > 1 ? make("p", {}, "Also: ", make("code", {}, names.slice(1).join(", "))) : null,
      members(array.prefixItems[1]),
      found.map((one) => make("pre", {}, JSON.stringify(one.value, null, 2)))))];
}

function section(title, boxes) {
  contents.append(make("h3", {}, title));
  main.append(make("h2", {}, title.replaceAll("-", " ")));
  for (const [id, box, label] of boxes) {
    const link = make("a", { href: `#${id}` }, label);
    link.dataset.words = `${label} ${box.textContent}`.toLowerCase();
    contents.append(link);
    main.append(box);
  }
}

function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") { target.open = true; target.scrollIntoView(); }
}

async function show() {
  const response = await fetch("openapi.json");
  api = await response.json();
  document.getElementById("version").textContent = api.info.version;
  main.replaceChildren(make("p", {}, api.info.description || ""));
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of VERBS.filter((verb) => item[verb])) {
      const tag = (item[method].tags || ["other"])[0];
      const [id, box] = operationBox(method, path, item[method]);
      groups.set(tag, [...(groups.get(tag) || []), [id, box, `${method.toUpperCase()} ${path}`]]);
    }
  }
  const commandPost = Object.values(api.paths).map((item) => item.post).find((post) => post && !post.deprecated && JSON.stringify(post.requestBody).includes("Envelope\""));
  const examples = Object.values((commandPost && jsonSchemaOf(commandPost.requestBody).examples) || {});
  const envelopes = Object.entries(api.components.schemas).filter(([name]) => name.endsWith("Envelope"));
  const boxes = envelopes.map(([name, envelope]) => {
    const short = name.slice(0, -"Envelope".length);
    return [...commandBox(short, envelope, examples), short];
  });
  const order = ["commands", "charging-stations"];
  const rank = (tag) => (tag === "machine" ? 99 : order.includes(tag) ? order.indexOf(tag) : 9);
  const sorted = [...groups].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
  for (const [tag, found] of sorted) {
    section(tag, found);
    if (tag === "commands") section("commands to stations", boxes);
  }
  document.getElementById("search").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase();
    for (const link of contents.querySelectorAll("a")) link.classList.toggle("hidden", !link.dataset.words.includes(words));
  });
  addEventListener("hashchange", open);
  open();
}

show().catch((error) => main.replaceChildren(make("p", {}, `openapi.json cannot be read: ${error}`)));
