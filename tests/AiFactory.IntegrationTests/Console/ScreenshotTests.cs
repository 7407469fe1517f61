using System.Text.RegularExpressions;
using AiFactory.Contracts.Library;
using AiFactory.Testing;
using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>
/// Every page of the console, light and dark, wide and narrow: a picture of each in <c>artifacts/screenshots/(theme)-(width)/(page).png</c>, for people to look at, and what a
/// program can see by itself. The console is loaded once for each width; from page to page it goes as by a link.
/// </summary>
[Collection(SharedFactory.Name)]
public sealed partial class ScreenshotTests(FactoryFixture fixture) : ConsoleTest(fixture)
{
    private const string EmptyProject = "empty-shelf";

    private static readonly (int Width, int Height)[] Sizes = [(1440, 900), (390, 844)];
    private static readonly (string Name, ColorScheme Scheme)[] Themes = [("light", ColorScheme.Light), ("dark", ColorScheme.Dark)];

    /// <summary>Pages of a project in which nothing has been done, and what they say then.</summary>
    private static readonly (string Name, string Path, string Shows)[] EmptyPages =
    [
        ("overview", "", "The project is empty"), ("models", "models", "No models yet"), ("deployments", "deployments", "Nothing is deployed"), ("playground", "playground", "No chat model is ready"),
        ("playground-embed", "playground?task=embedding", "No embedding model is ready"), ("knowledge", "knowledge", "No knowledge base yet"), ("flows", "flows", "No flow yet"),
        ("runs", "runs", "Nothing has run yet"), ("threads", "threads", "No thread yet"), ("agents", "agents", "No agent yet"), ("tools", "agents?tab=tools", "No tool yet"),
        ("rulesets", "agents?tab=rulesets", "No ruleset yet"), ("sources", "sources", "No source yet"), ("keys", "keys", "No API key yet"), ("traffic", "traffic", "There is nothing to call"), ("limits", "limits", "The project has no limit"), ("guardrails", "guardrails", "No rule here"), ("upstreams", "upstreams", "No upstream"), ("batches", "jobs", "No batch yet"), ("jobs", "jobs?tab=jobs", "No job yet"), ("audit", "audit", $"project/{EmptyProject}"),
    ];

    /// <summary>What was found, and where: the same on ten pages is one finding.</summary>
    private readonly Dictionary<string, List<string>> _findings = [];

    /// <summary>The page, theme and width that is looked at.</summary>
    private string _where = "";

    /// <summary>A status that the page is there to show, which browsers write to their console as an error.</summary>
    private int? _expected;

    /// <param name="Shows">A selector of what is there when the page has its data, and was not on the page before it.</param>
    /// <param name="Act">What is done on the page before it is looked at.</param>
    private sealed record Place(string Name, string Path, string Shows, Func<IPage, Task>? Act = null, int? Expected = null);

    [Fact]
    public async Task Every_page_fits_its_window_is_legible_and_has_no_errors_in_both_themes()
    {
        using var client = new LibraryClient(Factory);
        await client.PostAsync<ProjectResponse>("api/library/projects", new ProjectRequest(EmptyProject, "Empty shelf", "single"));
        await using var room = new ReadingRoom(client);
        await room.MakeAsync(await SignedInAsync());
        Place[] places = [.. Places(room), .. EmptyPages.Select(page => new Place($"empty-{page.Name}", $"/p/{EmptyProject}/{page.Path}", $"text={page.Shows}"))];

        foreach (var (width, height) in Sizes)
        {
            var page = await NewPageAsync(width, height);
            page.PageError += (_, error) => Find($"uncaught: {error}");
            page.Console += (_, message) => FindUnlessExpected(message);
            await LookAsync(page, new("sign-in", "/signin", "[data-testid=signin-key]"), width, () => OpenAsync(page, "signin"));
            await SignInAsync(page);
            foreach (var place in places)
            {
                await LookAsync(page, place, width, () => GoAsync(page, place.Path));
            }

            await page.CloseAsync();
        }

        _findings.Select(finding => $"{finding.Key}\n    at {string.Join(", ", finding.Value)}").ShouldBeEmpty();
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
            new("not-found", "nowhere", "text=There is no page at this address"),
            new("model-not-found", "models/nothing-here", "[data-testid=error]", Expected: 404),
        }.Select(place => place with { Path = $"/p/default/{place.Path}" });
    }

    private async Task LookAsync(IPage page, Place place, int width, Func<Task> open)
    {
        _expected = place.Expected;
        _where = $"{place.Name} {width}";
        try
        {
            await open();
            await page.Locator(place.Shows).First.WaitForAsync();
            await (place.Act?.Invoke(page) ?? Task.CompletedTask);
            await page.WaitForFunctionAsync(PageChecks.Settled);
            await page.Mouse.MoveAsync(0, 0);
        }
        catch (Exception exception) when (exception is TimeoutException or PlaywrightException)
        {
            Find($"never was ready: {exception.Message.Split('\n')[0]}");
        }

        await page.EvaluateAsync("() => scrollTo(0, 0)");
        foreach (var (theme, scheme) in Themes)
        {
            _where = $"{place.Name} {theme}-{width}";
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.Locator($"html[data-mantine-color-scheme={theme}]").WaitForAsync();
            await page.ScreenshotAsync(new() { Path = Path.Combine(RepositoryFolder.Root, "artifacts", "screenshots", $"{theme}-{width}", $"{place.Name}.png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
            foreach (var check in (string[])[PageChecks.Overflow, PageChecks.Contrast])
            {
                foreach (var complaint in await page.EvaluateAsync<string[]>(check))
                {
                    Find(complaint);
                }
            }
        }
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

    private void FindUnlessExpected(IConsoleMessage message)
    {
        if (message.Type == "error" && !(_expected is { } status && RefusedResource().Match(message.Text) is { Success: true } match && match.Groups[1].Value == $"{status}"))
        {
            Find($"console: {message.Text} ({message.Location})");
        }
    }

    private void Find(string finding)
    {
        lock (_findings)
        {
            if (!_findings.TryGetValue(finding, out var places))
            {
                _findings[finding] = places = [];
            }

            places.Add(_where);
        }
    }

    [GeneratedRegex(@"^Failed to load resource: the server responded with a status of (\d+)")]
    private static partial Regex RefusedResource();
}
