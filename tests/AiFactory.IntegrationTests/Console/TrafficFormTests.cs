using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts.Library;
using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>A traffic policy that is made in the console holds at the gateway.</summary>
[Collection(SharedFactory.Name)]
public sealed class TrafficFormTests(FactoryFixture fixture) : ConsoleTest(fixture)
{
    private const string Name = "front-door";

    [Fact]
    public async Task A_share_that_is_given_in_the_form_is_answered_by_the_other_deployment()
    {
        using var library = new LibraryClient(Factory);
        var answering = await library.GetAsync<DeploymentResponse>(LibraryClient.Project("/deployments/demo-chat"));
        await library.PostAsync<DeploymentResponse>(LibraryClient.Project("/deployments"), new DeploymentRequest(Name, answering.ModelVersionId, null, 0, null, null));
        try
        {
            await ShareOutAsync();

            // It has no replica of its own: only the other one can answer, once the gateway knows.
            (await WaitForAnswerAsync(library.Http)).ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            await library.UndeployAsync(Name);
        }
    }

    private async Task ShareOutAsync()
    {
        var page = await SignedInAsync();
        await OpenAsync(page, $"p/default/deployments/{Name}");
        await page.GetByTestId("edit-traffic").ClickAsync();
        await page.GetByTestId("add-split").ClickAsync();
        await page.Locator("input[aria-label='Deployment 1']").FillAsync("demo-chat");
        await page.Locator("input[aria-label='Percent of deployment 1']").FillAsync("100");
        await page.GetByTestId("save").ClickAsync();
        await Assertions.Expect(page.GetByTestId("traffic").GetByLabel("Shares")).ToContainTextAsync("100 %");
    }

    private static async Task<HttpStatusCode> WaitForAnswerAsync(HttpClient http)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LibraryClient.Patience);
        while (true)
        {
            using var answer = await http.PostAsJsonAsync("v1/chat/completions", new { model = Name, messages = new[] { new { role = "user", content = "Hello" } } }, patience.Token);
            if (answer.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable))
            {
                return answer.StatusCode;
            }

            await Task.Delay(500, patience.Token);
        }
    }
}
