// SPDX-License-Identifier: GPL-2.0-or-later
// Looks at a page: what is wider than the window, what is hard to read, what lies over something else.
(() => {
    const parse = text => {
        const numbers = text.match(/[\d.]+/g).map(Number);
        return {r: numbers[0], g: numbers[1], b: numbers[2], a: numbers.length > 3 ? numbers[3] : 1};
    };
    const over = (top, below) => ({
        r: top.r * top.a + below.r * (1 - top.a),
        g: top.g * top.a + below.g * (1 - top.a),
        b: top.b * top.a + below.b * (1 - top.a),
        a: 1,
    });
    // WCAG 2.1, relative luminance and contrast ratio.
    const luminance = colour => {
        const [r, g, b] = [colour.r, colour.g, colour.b].map(c => {
            c /= 255;
            return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a, b) => {
        const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
        return (high + 0.05) / (low + 0.05);
    };
    const backgroundOf = element => {
        const layers = [];
        for (let e = element; e; e = e.parentElement)
            layers.push(parse(getComputedStyle(e).backgroundColor));
        let colour = matchMedia('(prefers-color-scheme: dark)').matches ? {r: 0, g: 0, b: 0, a: 1}
                                                                       : {r: 255, g: 255, b: 255, a: 1};
        for (const layer of layers.reverse())
            colour = over(layer, colour);
        return colour;
    };
    const scrolls = element => {
        for (let e = element; e; e = e.parentElement)
            if (['auto', 'scroll'].includes(getComputedStyle(e).overflowX))
                return true;
        return false;
    };
    const shown = element => element.checkVisibility() && element.getClientRects().length > 0;
    const name = element => element.tagName.toLowerCase() + '.' + (element.getAttribute('class') || '') + ' "' +
        element.textContent.trim().slice(0, 40) + '"';

    const faint = [];
    let least = 21, texts = 0;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !shown(element) || ['title', 'desc', 'STYLE'].includes(element.tagName))
            continue;
        const style = getComputedStyle(element);
        const svg = element.namespaceURI.endsWith('svg');
        const below = backgroundOf(element);
        const ratio = contrast(over(parse(svg ? style.fill : style.color), below), below);
        texts++;
        least = Math.min(least, ratio);
        if (ratio < 4.5)
            faint.push(ratio.toFixed(2) + ' ' + name(element));
    }

    // Bars and lines need 3:1 against what they stand on.
    const dull = [];
    for (const shape of document.querySelectorAll('svg .bar, svg .mark, svg .line, svg .maybe')) {
        const style = getComputedStyle(shape);
        const colour = parse(style.fill === 'none' ? style.stroke : style.fill);
        const track = shape.parentElement.querySelector('.track');
        const below = track ? parse(getComputedStyle(track).fill) : backgroundOf(shape);
        if (contrast(colour, below) < 3)
            dull.push(contrast(colour, below).toFixed(2) + ' ' + name(shape));
    }

    const wide = [];
    for (const element of document.body.querySelectorAll('*')) {
        if (!shown(element) || element.closest('.skip') || scrolls(element))
            continue;
        const box = element.getBoundingClientRect();
        if (box.right > innerWidth + 0.5 || box.left < -0.5)
            wide.push(name(element) + ' to ' + box.right);
    }

    // What a bar is stands beside its name or below it, as long as there is room.
    const nameless = [];
    for (const row of document.querySelectorAll('svg .row')) {
        const all = [...row.querySelectorAll('.what')], what = all.filter(shown);
        const value = row.querySelector('.value');
        if (all.length > 0 && what.length !== 1)
            nameless.push(what.length + ' shown: ' + name(row));
        else if (all.length > 0 && what[0].textContent.endsWith('…') &&
                 value.getBoundingClientRect().left - what[0].getBoundingClientRect().right > 250)
            nameless.push('cut without need: ' + name(what[0]));
    }

    // Tables whose columns all matter have them all in sight.
    const cut = [...document.querySelectorAll('.wide.fits')].filter(shown)
        .filter(e => e.scrollWidth > e.clientWidth).map(e => name(e) + ' ' + e.scrollWidth + ' > ' + e.clientWidth);

    for (const cell of document.querySelectorAll('.wide td.number')) {
        const text = [...cell.childNodes].find(node => node.nodeType === Node.TEXT_NODE && /\d\d/.test(node.data));
        const range = document.createRange();
        if (!text || !shown(cell))
            continue;
        range.selectNodeContents(text);
        if (/^[\d,]+$/.test(text.data.trim()) && range.getClientRects().length > 1)
            cut.push('broken number: ' + name(cell));
    }

    for (const row of document.querySelectorAll('.fits tr'))
        if ([...row.querySelectorAll('.badge')].filter(shown).length > 1)
            cut.push('said twice: ' + name(row));

    const tall = [...document.querySelectorAll('nav th a')]
        .filter(a => a.getBoundingClientRect().height > 5.5 * parseFloat(getComputedStyle(a).fontSize) * 1.6).map(name);

    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const overlaps = [];
    for (const svg of document.querySelectorAll('svg[role=img]')) {
        const boxes = [...svg.querySelectorAll('text')].filter(shown)
            .map(e => ({name: name(e), box: e.getBoundingClientRect()}));
        for (let i = 0; i < boxes.length; i++)
            for (let j = i + 1; j < boxes.length; j++)
                if (meet(boxes[i].box, boxes[j].box))
                    overlaps.push(boxes[i].name + ' and ' + boxes[j].name);
    }

    return {
        faint, dull, wide, overlaps, tall, nameless, cut, least, texts,
        scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth,
        height: document.documentElement.scrollHeight,
        lang: document.documentElement.lang, title: document.title,
        headings: [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(h => Number(h.tagName[1])),
        scripts: document.scripts.length,
    };
})()
