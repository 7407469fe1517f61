using System.ClientModel;
using System.Text;
using AiFactory.Gateway.Tests.Edges;
using Microsoft.AspNetCore.Http;
using OpenAI;
using OpenAI.Chat;

namespace AiFactory.Gateway.Tests.OpenAI;

/// <summary>OpenAI's own client for .NET against the gateway.</summary>
public sealed class OfficialClientTests
{
    [Fact]
    public async Task It_chats()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        var answer = await Client(gateway).GetChatClient("demo-chat").CompleteChatAsync([new UserChatMessage("Hi")], cancellationToken: TestContext.Current.CancellationToken);

        answer.Value.Content.Single().Text.ShouldBe("Hello");
        answer.Value.Usage.TotalTokenCount.ShouldBe(11);
    }

    [Fact]
    public async Task It_streams_a_chat()
    {
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            foreach (var word in "Hel|lo".Split('|'))
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk(word));
            }

            await FakeWorker.WriteEventAsync(context, "data: [DONE]\n\n");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        var text = new StringBuilder();
        await foreach (var update in Client(gateway).GetChatClient("demo-chat").CompleteChatStreamingAsync([new UserChatMessage("Hi")], cancellationToken: TestContext.Current.CancellationToken))
        {
            foreach (var part in update.ContentUpdate)
            {
                text.Append(part.Text);
            }
        }

        text.ToString().ShouldBe("Hello");
    }

    [Fact]
    public async Task It_embeds_256_inputs_in_their_order()
    {
        await using var worker = await FakeWorker.StartedAsync(context =>
        {
            var data = Enumerable.Range(0, 256).Select(i => $$"""{"object":"embedding","index":{{i}},"embedding":"{{Convert.ToBase64String(BitConverter.GetBytes((float)i))}}"}""");
            return FakeWorker.WriteJsonAsync(
                context, $$$"""{"object":"list","model":"demo-embed","data":[{{{string.Join(',', data)}}}],"usage":{"prompt_tokens":256,"total_tokens":256}}""");
        });
        var plan = Plan.Of(Plan.Deployment("demo-embed", "default", "embedding", "project", worker));
        await using var gateway = await GatewayUnderTest.StartAsync(plan);

        var inputs = Enumerable.Range(0, 256).Select(i => $"text {i}").ToArray();
        var answer = await Client(gateway).GetEmbeddingClient("demo-embed").GenerateEmbeddingsAsync(inputs, cancellationToken: TestContext.Current.CancellationToken);

        answer.Value.Select(embedding => (int)embedding.ToFloats().Span[0]).ShouldBe(Enumerable.Range(0, 256));
        answer.Value.Usage.InputTokenCount.ShouldBe(256);
    }

    [Fact]
    public async Task It_lists_models_and_raises_our_errors()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        var models = await Client(gateway).GetOpenAIModelClient().GetModelsAsync(TestContext.Current.CancellationToken);
        var refused = await Should.ThrowAsync<ClientResultException>(() => Client(gateway, "aif_wrong").GetChatClient("demo-chat").CompleteChatAsync("Hi"));

        models.Value.Select(model => model.Id).ShouldBe(["demo-chat"]);
        refused.Status.ShouldBe(StatusCodes.Status401Unauthorized);
        refused.Message.ShouldContain("invalid_api_key");
    }

    private static OpenAIClient Client(GatewayUnderTest gateway, string key = Plan.DeveloperKey) => new(
        new ApiKeyCredential(key),
        new OpenAIClientOptions { Endpoint = new Uri(gateway.Client.BaseAddress!, "v1") }); // set at its start
}
