using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>A flow from an empty canvas to a model that clients call, as a person makes it: with the mouse.</summary>
[Collection(SharedFactory.Name)]
public sealed class FlowCanvasTests(FactoryFixture fixture) : ConsoleTest(fixture)
{
    private const string Facts = """
        # The reading room

        The reading room opens at 09:30 on Monday. Members may borrow six books at a time.
        Parcels are handed out at the north gate until 17:15.
        """;

    [Fact]
    public async Task A_flow_is_drawn_with_the_mouse_run_on_its_canvas_and_published()
    {
        var page = await SignedInAsync();
        var name = $"drawn-{Guid.CreateVersion7():N}"[..24];
        await UploadAsync(page, name);

        await DrawAsync(page, name);
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByTestId(new Regex("^node-"))).ToHaveCountAsync(4);
        await Assertions.Expect(page.Locator(".react-flow__edge")).ToHaveCountAsync(5);
        await page.GetByTestId("node-retrieve").ClickAsync(new() { Position = new() { X = 70, Y = 14 } });
        await Assertions.Expect(page.GetByTestId("setting-knowledgeBase")).ToHaveValueAsync(name);

        await page.GetByTestId("open-run").ClickAsync();
        await page.GetByTestId("run-input").FillAsync("When does the reading room open?");
        await page.GetByTestId("run-start").ClickAsync();

        await Assertions.Expect(page.GetByTestId("run")).ToHaveAttributeAsync("data-state", "succeeded");
        foreach (var step in (string[])["input", "retrieve", "model", "output"])
        {
            await Assertions.Expect(page.GetByTestId($"node-{step}")).ToHaveAttributeAsync("data-state", "succeeded");
        }

        await Assertions.Expect(page.GetByTestId("run-output")).ToContainTextAsync(new Regex(@"\w"));
        await page.GetByTestId("source").First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("passage")).ToContainTextAsync("The reading room opens at 09:30");
        await page.Keyboard.PressAsync("Escape");

        await RestoreAsync(page);
        await page.GetByTestId("publish").ClickAsync();
        await page.GetByTestId("confirm-publish").ClickAsync();
        await Assertions.Expect(page.GetByTestId("snippet-curl")).ToContainTextAsync($"flow/{name}");
        (await AskAsync($"flow/{name}")).ShouldNotBeEmpty();
    }

    /// <summary>A step that was deleted is back with the revision before.</summary>
    private static async Task RestoreAsync(IPage page)
    {
        await page.GetByTestId("node-retrieve").ClickAsync(new() { Position = new() { X = 70, Y = 14 } });
        await page.Keyboard.PressAsync("Delete");
        await Assertions.Expect(page.Locator(".react-flow__edge")).ToHaveCountAsync(2);
        await Assertions.Expect(page.GetByTestId("save-state")).ToHaveAttributeAsync("data-state", "saved");

        await page.GetByTestId("history").ClickAsync();
        await page.GetByTestId(new Regex("^revision-")).Nth(1).GetByRole(AriaRole.Button).First.ClickAsync();
        await page.GetByTestId("restore").ClickAsync();
        await Assertions.Expect(page.Locator(".react-flow__edge")).ToHaveCountAsync(5);
        await Assertions.Expect(page.GetByTestId("save-state")).ToHaveAttributeAsync("data-state", "saved");
    }

    /// <summary>A knowledge base of that name with one document, ready to be searched.</summary>
    private async Task UploadAsync(IPage page, string name)
    {
        await OpenAsync(page, "knowledge");
        await page.GetByTestId("new-base").ClickAsync();
        await page.GetByTestId("base-name").FillAsync(name);
        await page.GetByTestId("create-base").ClickAsync();
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "room.md", MimeType = "text/markdown", Buffer = Encoding.UTF8.GetBytes(Facts) });
        await Assertions.Expect(page.GetByTestId("document-state")).ToHaveAttributeAsync("data-state", "ready");
    }

    private async Task DrawAsync(IPage page, string name)
    {
        await OpenAsync(page, "flows");
        await page.GetByTestId("new-flow").ClickAsync();
        await page.GetByTestId("template-blank").ClickAsync();
        await page.GetByTestId("flow-name").FillAsync(name);
        await page.GetByTestId("create-flow").ClickAsync();
        // A blank flow has an input and an output, joined: this one begins without.
        foreach (var step in (string[])["input", "output"])
        {
            await page.GetByTestId($"node-{step}").ClickAsync(new() { Position = new() { X = 70, Y = 14 } });
            await page.Keyboard.PressAsync("Delete");
            await Assertions.Expect(page.GetByTestId($"node-{step}")).ToHaveCountAsync(0);
        }

        foreach (var (step, x, y) in ((string, float, float)[])[("input", 110, 150), ("retrieve", 250, 420), ("model", 430, 150), ("output", 620, 420)])
        {
            await page.GetByTestId($"palette-{step}").DragToAsync(page.GetByTestId("canvas"), new() { TargetPosition = new() { X = x, Y = y } });
            await Assertions.Expect(page.GetByTestId($"node-{step}")).ToBeVisibleAsync();
        }

        await ConnectAsync(page, "retrieve-out-passages", "model-in-prompt");
        await Assertions.Expect(page.GetByTestId("refused")).ToContainTextAsync("passages");
        await ConnectAsync(page, "input-out-text", "retrieve-in-text");
        await ConnectAsync(page, "input-out-text", "model-in-prompt");
        await ConnectAsync(page, "retrieve-out-passages", "model-in-passages");
        await ConnectAsync(page, "retrieve-out-passages", "output-in-passages");
        await ConnectAsync(page, "model-out-text", "output-in-text");
        await Assertions.Expect(page.Locator(".react-flow__edge")).ToHaveCountAsync(5);

        await ChooseAsync(page, "retrieve", "knowledgeBase", name);
        await ChooseAsync(page, "model", "model", "demo-chat");
        await Assertions.Expect(page.GetByTestId("problems")).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByTestId("save-state")).ToHaveAttributeAsync("data-state", "saved");
    }

    /// <summary>Draws a line from one port to another.</summary>
    private static async Task ConnectAsync(IPage page, string from, string to)
    {
        var start = await MiddleAsync(page, from);
        var end = await MiddleAsync(page, to);
        await page.Mouse.MoveAsync(start.X, start.Y);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(end.X - 20, end.Y, new() { Steps = 6 });
        await page.Mouse.MoveAsync(end.X, end.Y, new() { Steps = 3 });
        await page.Mouse.UpAsync();
    }

    private static async Task<(float X, float Y)> MiddleAsync(IPage page, string port)
    {
        var box = (await page.GetByTestId(port).BoundingBoxAsync()).ShouldNotBeNull();
        return (box.X + (box.Width / 2), box.Y + (box.Height / 2));
    }

    private static async Task ChooseAsync(IPage page, string step, string setting, string option)
    {
        await page.GetByTestId($"node-{step}").ClickAsync(new() { Position = new() { X = 70, Y = 14 } });
        await page.GetByTestId($"setting-{setting}").ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { Name = option, Exact = true }).ClickAsync();
    }

    private async Task<string> AskAsync(string model)
    {
        using var client = Factory.CreateClient();
        using var body = new StringContent(JsonSerializer.Serialize(new { model, messages = new[] { new { role = "user", content = "When does the reading room open?" } } }), Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri("v1/chat/completions", UriKind.Relative), body, TestContext.Current.CancellationToken);
        var answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.IsSuccessStatusCode.ShouldBeTrue(answer);
        return JsonDocument.Parse(answer).RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString() ?? "";
    }
}
