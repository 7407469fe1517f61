using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>The way of somebody new: the template, its run, the documents behind it, a conversation. On the models and the documents that come with the factory.</summary>
[Collection(SharedFactory.Name)]
public sealed class ApplicationPagesTests(FactoryFixture fixture) : ConsoleTest(fixture)
{
    private const string Question = "Where are secrets kept?";

    [Fact]
    public async Task The_template_stands_after_three_clicks_and_its_run_is_found_on_the_runs_page()
    {
        var page = await SignedInAsync();
        await DocumentsAreReadyAsync(page);

        await page.GetByTestId("nav-flows").ClickAsync();
        await page.GetByTestId("new-flow").First.ClickAsync();
        await page.GetByTestId("create-flow").ClickAsync();
        await Assertions.Expect(page.GetByTestId(new Regex("^node-"))).ToHaveCountAsync(4);
        await Assertions.Expect(page.GetByTestId("problems")).ToHaveCountAsync(0);

        await page.GetByTestId("open-run").ClickAsync();
        await page.GetByTestId("run-input").FillAsync(Question);
        await page.GetByTestId("run-start").ClickAsync();
        await Assertions.Expect(page.GetByTestId("run")).ToHaveAttributeAsync("data-state", "succeeded");
        await page.GetByTestId("source").First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("passage")).ToContainTextAsync(new Regex(@"\w"));
        await page.Keyboard.PressAsync("Escape");

        await page.GetByTestId("nav-runs").ClickAsync();
        await page.GetByTestId(new Regex("^run-[0-9a-f-]{36}$")).First.GetByRole(AriaRole.Link).First.ClickAsync();
        foreach (var step in (string[])["input", "search", "answer", "output"])
        {
            await Assertions.Expect(page.GetByTestId($"step-{step}")).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task A_search_shows_passages_with_their_scores_and_where_they_stand()
    {
        var page = await SignedInAsync();
        await DocumentsAreReadyAsync(page);

        await page.GetByTestId("tab-search").ClickAsync();
        await page.GetByTestId("search-query").FillAsync(Question);
        await page.GetByTestId("search").ClickAsync();

        await Assertions.Expect(page.GetByTestId("search-facts")).ToContainTextAsync(new Regex(@"\d+ passages in [\d.]+ ms"));
        await Assertions.Expect(page.GetByTestId("hit").First).ToContainTextAsync(new Regex(@"0\.\d{4}"));
        await page.GetByTestId("hit").First.GetByRole(AriaRole.Button).First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("passage")).ToContainTextAsync(new Regex("[Ss]ecret"));
    }

    [Fact]
    public async Task A_thread_keeps_what_was_said()
    {
        var page = await SignedInAsync();
        await page.GetByTestId("nav-threads").ClickAsync();
        await page.GetByTestId("new-thread").First.ClickAsync();
        await page.GetByTestId("thread-target").ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { Name = "demo-chat", Exact = true }).ClickAsync();
        await page.GetByTestId("create-thread").ClickAsync();

        await page.GetByTestId("thread-message").FillAsync("Hello, who are you?");
        await page.GetByTestId("thread-send").ClickAsync();
        await Assertions.Expect(page.GetByTestId("answer")).ToContainTextAsync(new Regex(@"\w"));
        await Assertions.Expect(page.GetByTestId("thread-send")).ToBeVisibleAsync();
        var answer = await page.GetByTestId("answer").InnerTextAsync();

        await page.ReloadAsync();
        await Assertions.Expect(page.GetByTestId("question")).ToContainTextAsync("Hello, who are you?");
        (await page.GetByTestId("answer").InnerTextAsync()).ShouldBe(answer);
    }

    private async Task DocumentsAreReadyAsync(IPage page)
    {
        await OpenAsync(page, "knowledge/aifactory");
        await Assertions.Expect(page.GetByTestId("document-state").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("[data-testid=document-state]:not([data-state=ready])")).ToHaveCountAsync(0);
    }
}
