// Hands the buttons of our HTML to the server, brings the newest question and the marked sentence into view, and keeps
// Gradio's labels from hiding the text.
(() => {
	// Gradio fills a new answer in step by step; so long its question is held at the top, unless the person scrolls.
	const HOLD_MILLISECONDS = 1000;
	let holdUntil = 0;
	let lastMark = null;
	let lastView = null;
	let lastOut = null;
	let lastCount = 0;
	let sent = 0;
	let pressed = null;
	// Gradio names the browser's language here, whether or not it is one of ours; the server has named the page's own.
	const root = document.documentElement;
	const { lang } = root;
	new MutationObserver(() => {
		if (root.lang !== lang) root.lang = lang;
	}).observe(root, { attributeFilter: ["lang"] });

	const all = (selector, root = document) => [...root.querySelectorAll(selector)];
	const one = (selector) => document.querySelector(selector);

	// What takes long waits in line; all else is done at once.
	const LONG = ["ask", "retry", "generously", "examples"];
	function send(name, value) {
		const box = one(LONG.includes(name) ? "#pq-long-command textarea" : "#pq-command textarea");
		if (!box) return;
		sent += 1;
		box.value = `${name}:${value}#${sent}`;
		box.dispatchEvent(new Event("input", { bubbles: true }));
	}

	addEventListener("click", (event) => {
		const button = event.target.closest(".pq-do");
		if (button) {
			if (button.name === "sign_out") return signOut();
			if (button.name === "folder") return chooseFolder();
			pressed = { name: button.name, value: button.value };
			if (button.name === "article" || button.name === "open") holdUntil = 0;
			send(button.name, button.value);
			return;
		}
		// A click anywhere on a quote opens it, unless it selects text or works something in it.
		const card = event.target.closest(".pq-card");
		if (card && !event.target.closest("a, summary, details, .pq-tools") && getSelection().isCollapsed) {
			card.querySelector(".pq-open")?.click();
		}
	});

	addEventListener("keydown", (event) => {
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		if (event.key === "Escape") one("#pq-pane .pq-close")?.click();
		if (event.target.closest("input, textarea, select, [contenteditable=true]")) return;
		if (event.key === "/") {
			const box = one("#pq-question textarea");
			if (box) {
				event.preventDefault();
				box.focus();
			}
		} else if (event.key === "j" || event.key === "n") {
			(one("#pq-pane .pq-next") ?? all("#pq-chat .pq-first .pq-open").at(-1))?.click();
		} else if (event.key === "k" || event.key === "p") {
			one("#pq-pane .pq-previous")?.click();
		}
	});

	// On a phone the sidebar covers the page; it closes when something is chosen in it.
	const narrow = matchMedia("(max-width: 859px)");
	function closeSidebar() {
		if (narrow.matches) one(".sidebar.open .toggle-button")?.click();
	}
	addEventListener("click", (event) => {
		if (event.target.closest("#pq-nav button, .pq-chat-name")) closeSidebar();
	});

	// The server only gets names: a file in a folder is sent under its way there, with this in the place of each slash.
	const SLASH = "\u2215";
	const MOST_FILES = 1000;
	function handIn(found) {
		const input = one("#pq-files input[type=file]");
		const files = found.filter(({ way }) => !way.split("/").some((part) => part.startsWith(".")));
		if (!input || !files.length) return;
		if (files.length > MOST_FILES) return send("too_many", files.length);
		const named = new DataTransfer();
		for (const { file, way } of files) {
			named.items.add(new File([file], way.replaceAll("/", SLASH), { type: file.type }));
		}
		input.files = named.files;
		input.dispatchEvent(new Event("change"));
	}

	function chooseFolder() {
		const input = document.createElement("input");
		Object.assign(input, { type: "file", webkitdirectory: true });
		input.addEventListener("change", () => {
			handIn([...input.files].map((file) => ({ file, way: file.webkitRelativePath || file.name })));
		});
		input.click();
	}

	async function filesIn(entry, way) {
		const own = way ? `${way}/${entry.name}` : entry.name;
		if (entry.isFile) return [{ file: await new Promise((done, failed) => entry.file(done, failed)), way: own }];
		const reader = entry.createReader();
		const found = [];
		for (;;) {
			const some = await new Promise((done, failed) => reader.readEntries(done, failed));
			if (!some.length || found.length > MOST_FILES) return found;
			for (const inside of some) found.push(...(await filesIn(inside, own)));
		}
	}

	addEventListener(
		"drop",
		async (event) => {
			if (!event.target.closest?.("#pq-files")) return;
			const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
			if (!entries.some((entry) => entry.isDirectory)) return;
			event.preventDefault();
			event.stopPropagation();
			const found = await Promise.all(entries.map((entry) => filesIn(entry, "")));
			handIn(found.flat());
		},
		{ capture: true },
	);

	async function signOut() {
		const left = await fetch("/account/sign-out", { method: "POST" });
		location.assign(left.url);
	}

	function handOut(out) {
		const text = out.textContent;
		if (out.title === "copy" || out.title === "link") {
			const whole = out.title === "link" ? new URL(text, location.origin + location.pathname).href : text;
			navigator.clipboard?.writeText(whole).then(() => send("copied", ""), () => {});
			return;
		}
		const link = document.createElement("a");
		link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
		link.download = out.title;
		link.click();
		setTimeout(() => URL.revokeObjectURL(link.href), 10000);
	}

	function look() {
		if (one("#pq-chat :is(.pq-invitation, .pq-note, .message-row)")) one("#pq-first")?.remove();
		const messages = all("#pq-chat [data-testid]");
		if (messages.length > lastCount) holdUntil = performance.now() + HOLD_MILLISECONDS;
		lastCount = messages.length;
		const question = all("#pq-chat .user-row").at(-1);
		if (question && performance.now() < holdUntil) question.scrollIntoView({ block: "start" });

		const view = one("#pq-pane .pq-article");
		const mark = document.getElementById("pq-mark");
		if (view !== lastView) {
			lastView = view;
			if (!mark && view) one("#pq-right")?.scrollTo(0, 0);
		}
		if (mark && mark !== lastMark) {
			holdUntil = 0;
			mark.scrollIntoView({ block: "center" });
		}
		lastMark = mark;

		const out = one("#pq-outbox .pq-out");
		if (out && out !== lastOut) handOut(out);
		lastOut = out;

		// A list that is made anew takes the focus away from the button that was pressed.
		if (pressed && document.activeElement === document.body) {
			const again = all(".pq-do").find((b) => b.name === pressed.name && b.value === pressed.value);
			again?.focus({ preventScroll: true });
		}

		const chat = one("#pq-chats .pq-here");
		if (chat) {
			const [present, wanted] = [location.search, chat.title].map((search) => new URLSearchParams(search));
			const same = ["chat", "library"].every((name) => present.get(name) === wanted.get(name));
			if (!same) history.replaceState(null, "", chat.title === "?" ? location.pathname : chat.title);
		}
		name(messages);
	}

	function name(messages) {
		// Gradio labels each message with its source text; a screen reader would read HTML aloud.
		for (const message of messages) message.removeAttribute("aria-label");
		// Gradio's radio buttons are not of one group, so that arrow keys would not move between them.
		const levels = one("#pq-strictness");
		for (const button of levels ? all("input", levels) : []) button.name = "pq-strictness";
		levels?.setAttribute("aria-label", levels.querySelector("[data-testid=block-info]")?.textContent.trim() ?? "");
		one("#pq-notice")?.setAttribute("role", "status");
		one("#pq-progress")?.setAttribute("role", "status");
		for (const way of all("#pq-nav .pq-way")) {
			way.ariaCurrent = way.classList.contains("pq-present") ? "page" : null;
		}
		for (const hidden of all(".pq-command")) hidden.setAttribute("aria-hidden", "true");
		for (const box of all(".pq-command textarea")) box.tabIndex = -1;
	}

	for (const moved of ["wheel", "touchmove", "keydown", "pointerdown"]) {
		addEventListener(moved, () => { holdUntil = 0; }, { passive: true, capture: true });
	}
	new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
})();
