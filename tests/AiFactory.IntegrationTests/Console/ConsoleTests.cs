using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>The console in a real browser, behind the gateway.</summary>
[Collection(SharedFactory.Name)]
public sealed class ConsoleTests(FactoryFixture fixture) : ConsoleTest(fixture)
{
    [Fact]
    public async Task The_printed_link_signs_in_and_the_playground_streams_an_answer()
    {
        var page = await SignedInAsync();

        await OpenAsync(page, "playground");
        await page.GetByLabel("Temperature").FillAsync("0");
        await page.GetByTestId("playground-message").FillAsync("Hello, who are you?");
        var response = await page.RunAndWaitForResponseAsync(() => page.GetByTestId("playground-send").ClickAsync(), "**/v1/chat/completions");

        response.Status.ShouldBe(200);
        (await response.HeaderValueAsync("content-type")).ShouldNotBeNull().ShouldStartWith("text/event-stream");
        var answer = page.GetByTestId("answer");
        await Assertions.Expect(answer).ToHaveAttributeAsync("data-status", "done", new() { Timeout = 60_000 });
        await Assertions.Expect(answer).ToContainTextAsync(new Regex(@"\w"));
        await Assertions.Expect(page.GetByTestId("time-to-first-token")).ToHaveTextAsync(new Regex(@"^\d+ ms$|^\d+\.\d+ s$"));
        // Without the "~" of an estimate: the model's own count, which ends the stream. How fast a short answer came is not always to be told, and then not shown.
        await Assertions.Expect(page.GetByTestId("completion-tokens")).ToHaveTextAsync(new Regex(@"^[1-9]\d*$"));
        page.Url.ShouldNotContain("token");
    }

    [Fact]
    public async Task The_models_page_shows_the_seeded_models_and_their_evidence()
    {
        var page = await SignedInAsync();

        await OpenAsync(page, "models");
        await page.GetByRole(AriaRole.Link, new() { Name = "demo-chat" }).First.ClickAsync();

        await Assertions.Expect(page.GetByText("sha256:").First).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Assertions.Expect(page.GetByText("policy:seed").First).ToBeVisibleAsync();
    }
}
