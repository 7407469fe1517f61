using AiFactory.Contracts.Library;
using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>
/// Every page of the console, light and dark, wide and narrow: a picture of each in <c>artifacts/screenshots/(theme)-(width)/(page).png</c>, for people to look at, and what a
/// program can see by itself. The console is loaded once for each width; from page to page it goes as by a link.
/// </summary>
[Collection(SharedFactory.Name)]
public sealed class ScreenshotTests(FactoryFixture fixture) : ConsoleTest(fixture)
{
    private const string EmptyProject = "empty-shelf";

    private static readonly (int Width, int Height)[] Sizes = [(1440, 900), (390, 844)];

    /// <summary>Pages of a project in which nothing has been done, and what they say then.</summary>
    private static readonly (string Name, string Path, string Shows)[] EmptyPages =
    [
        ("overview", "", "The project is empty"), ("models", "models", "No models yet"), ("deployments", "deployments", "Nothing is deployed"), ("playground", "playground", "No chat model is ready"),
        ("playground-embed", "playground?task=embedding", "No embedding model is ready"), ("knowledge", "knowledge", "No knowledge base yet"), ("flows", "flows", "No flow yet"),
        ("runs", "runs", "Nothing has run yet"), ("threads", "threads", "No thread yet"), ("agents", "agents", "No agent yet"), ("tools", "agents?tab=tools", "No tool yet"),
        ("rulesets", "agents?tab=rulesets", "No ruleset yet"), ("sources", "sources", "No source yet"), ("keys", "keys", "No API key yet"), ("traffic", "traffic", "There is nothing to call"), ("limits", "limits", "The project has no limit"), ("guardrails", "guardrails", "No rule here"), ("upstreams", "upstreams", "No upstream"), ("batches", "jobs", "No batch yet"), ("jobs", "jobs?tab=jobs", "No job yet"), ("audit", "audit", $"project/{EmptyProject}"),
    ];

    [Fact]
    public async Task Every_page_fits_its_window_is_legible_and_has_no_errors_in_both_themes()
    {
        using var client = new LibraryClient(Factory);
        await client.PostAsync<ProjectResponse>("api/library/projects", new ProjectRequest(EmptyProject, "Empty shelf", "single"));
        await using var room = new ReadingRoom(client);
        var session = await SignedInAsync();
        await room.MakeAsync(session);
        await session.Context.CloseAsync(); // a page that nobody looks at goes on asking for news
        Place[] places = [.. Places(room), .. EmptyPages.Select(page => new Place($"empty-{page.Name}", $"/p/{EmptyProject}/{page.Path}", $"text={page.Shows}"))];

        // Beside each other: while one window paints, the other waits for its data.
        var findings = await Task.WhenAll(Sizes.Select(async size =>
        {
            var page = await NewPageAsync(size.Width, size.Height);
            var viewing = new Viewing(page, size.Width);
            await viewing.LookAsync(new("sign-in", "/signin", "[data-testid=signin-key]"), () => OpenAsync(page, "signin"));
            await SignInAsync(page);
            foreach (var place in places)
            {
                await viewing.LookAsync(place, () => GoAsync(page, place.Path));
            }

            return viewing.Findings;
        }));

        // The same on ten pages is one finding.
        findings.SelectMany(all => all).GroupBy(finding => finding.What, finding => finding.Where)
            .Select(group => $"{group.Key}\n    at {string.Join(", ", group)}").ShouldBeEmpty();
    }

    private static IEnumerable<Place> Places(ReadingRoom room)
    {
        const string Base = $"knowledge/{ReadingRoom.Name}";
        const string Flow = $"flows/{ReadingRoom.Name}";
        return new Place[]
        {
            new("overview", "", "text=Needs attention"),
            new("models", "models", "text=Quantisation"),
            new("model", "models/demo-chat", "text=policy:seed"),
            new("deployments", "deployments", "text=Visibility"),
            new("deployment", "deployments/demo-chat", "text=Desired state"),
            new("workers", "workers", "text=Hardware"),
            new("playground", "playground?task=chat", "[data-testid=playground-message]", AskAsync),
            new("playground-embed", "playground?task=embedding", "[data-testid=embed]", EmbedAsync),
            new("knowledge", "knowledge", $"[data-testid=base-{ReadingRoom.Name}]"),
            new("knowledge-base", Base, "[data-testid=document-state]"),
            new("knowledge-search", $"{Base}?tab=search", "[data-testid=search-query]", SearchAsync),
            new("flows", "flows", $"[data-testid=flow-{ReadingRoom.Name}]"),
            new("flow", Flow, "[data-testid=node-answer]"),
            new("flow-run", Flow, "[data-testid=open-run]", RunAsync),
            new("flow-history", Flow, "[data-testid=node-answer]", LookBackAsync),
            new("runs", "runs", $"[data-testid=run-{room.Run}]"),
            new("run", $"runs/{room.Run}", "[data-testid=step-answer]"),
            new("run-failed", $"runs/{room.FailedRun}", "[data-testid=run-error]"),
            new("threads", "threads", $"[data-testid=thread-{room.Thread}]"),
            new("thread", $"threads/{room.Thread}", "[data-testid=source]"),
            new("agents", "agents", $"[data-testid=agent-{ReadingRoom.Agent}]"),
            new("tools", "agents?tab=tools", "[data-testid=tool-parcel]"),
            new("rulesets", "agents?tab=rulesets", "[data-testid=ruleset-house-style]"),
            new("keys", "keys", "text=reading-room-kiosk", page => Assertions.Expect(page.GetByLabel("Rotate reading-room-kiosk")).ToBeInViewportAsync()),
            new("sources", "sources", "text=Sync now"),
            new("traffic", "traffic", "[data-testid=traffic-demo-chat]"),
            new("limits", "limits", "[data-testid=new-limit]"),
            new("limit-new", "limits", "[data-testid=new-limit]", page => DialogAsync(page, "new-limit", "limit-name")),
            new("guardrails", "guardrails", "[data-testid=new-rule]"),
            new("guardrail-new", "guardrails", "[data-testid=new-rule]", page => DialogAsync(page, "new-rule", "rule-name")),
            new("upstreams", "upstreams", "[data-testid=new-upstream]"),
            new("upstream-new", "upstreams", "[data-testid=new-upstream]", page => DialogAsync(page, "new-upstream", "upstream-name")),
            new("batches", "jobs", "text=Work that nobody waits for"),
            new("jobs", "jobs?tab=jobs", "text=Work that nobody waits for"),
            new("audit", "audit", "text=Target"),
            new("refusals", "audit?tab=calls", "text=session.begun", async page =>
            {
                await page.GetByTestId("check-chain").ClickAsync();
                await Assertions.Expect(page.GetByTestId("chain")).ToContainTextAsync("Whole");
            }),
            new("not-found", "nowhere", "text=There is no page at this address"),
            new("model-not-found", "models/nothing-here", "[data-testid=error]", Expected: 404),
        }.Select(place => place with { Path = $"/p/default/{place.Path}" });
    }

    /// <summary>As a link does it, without loading the console anew.</summary>
    private static async Task GoAsync(IPage page, string path) => await page.EvaluateAsync(
        "path => { history.pushState({ idx: (history.state?.idx ?? 0) + 1, key: crypto.randomUUID() }, '', path); dispatchEvent(new PopStateEvent('popstate')); }",
        path);

    private static async Task AskAsync(IPage page)
    {
        await page.GetByTestId("playground-message").FillAsync("Hello, who are you?");
        await page.GetByTestId("playground-send").ClickAsync();
        await page.Locator("[data-testid=answer][data-status=done]").WaitForAsync();
        await Assertions.Expect(page.GetByTestId("answer")).ToBeInViewportAsync();
    }

    private static async Task EmbedAsync(IPage page)
    {
        await page.GetByTestId("embed").ClickAsync();
        await page.GetByTestId("similarity").WaitForAsync();
    }

    private static async Task SearchAsync(IPage page)
    {
        await page.GetByTestId("search-query").FillAsync(ReadingRoom.Question);
        await page.GetByTestId("search").ClickAsync();
        await page.GetByTestId("hit").First.WaitForAsync();
    }

    private static async Task RunAsync(IPage page)
    {
        await page.GetByTestId("open-run").ClickAsync();
        await page.GetByTestId("run-input").FillAsync(ReadingRoom.Question);
        await page.GetByTestId("run-start").ClickAsync();
        await page.Locator("[data-testid=run][data-state=succeeded]").WaitForAsync();
    }

    /// <param name="button">Opens a dialog that has <paramref name="field"/>.</param>
    private static async Task DialogAsync(IPage page, string button, string field)
    {
        await page.GetByTestId(button).ClickAsync();
        await page.GetByTestId(field).WaitForAsync();
    }

    private static async Task LookBackAsync(IPage page)
    {
        await page.GetByTestId("history").ClickAsync();
        await page.GetByTestId("revision-1").GetByRole(AriaRole.Button).First.ClickAsync();
        await page.GetByTestId("difference").WaitForAsync();
    }
}
