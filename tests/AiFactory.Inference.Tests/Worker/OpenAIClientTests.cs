using System.ClientModel;
using OpenAI;
using OpenAI.Chat;

namespace AiFactory.Inference.Tests.Worker;

/// <summary>The official client is the judge of the protocol.</summary>
[Collection(SharedWorker.Name)]
public sealed class OpenAIClientTests(WorkerFixture fixture)
{
    private readonly OpenAIClient _client = new(
        new ApiKeyCredential(WorkerProcess.IssueToken()),
        new OpenAIClientOptions { Endpoint = new Uri(fixture.Worker.CreateClient().BaseAddress ?? throw new InvalidOperationException(), "/v1") });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_chats()
    {
        ChatCompletion completion = await _client.GetChatClient("endless").CompleteChatAsync(
            [new SystemChatMessage("Be brief."), new UserChatMessage("Hello")], new ChatCompletionOptions { MaxOutputTokenCount = 6, Temperature = 0, StopSequences = { "\n\n" } }, Token);
        completion.Content[0].Text.ShouldNotBeEmpty();
        completion.Usage.OutputTokenCount.ShouldBe(6);
        completion.FinishReason.ShouldBe(ChatFinishReason.Length);
    }

    [Fact]
    public async Task It_streams()
    {
        var text = "";
        ChatTokenUsage? usage = null;
        ChatFinishReason? finish = null;
        await foreach (var update in _client.GetChatClient("endless").CompleteChatStreamingAsync([new UserChatMessage("Hello")], new ChatCompletionOptions { MaxOutputTokenCount = 6 }, Token))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage = update.Usage ?? usage;
            finish = update.FinishReason ?? finish;
        }

        text.ShouldNotBeEmpty();
        finish.ShouldBe(ChatFinishReason.Length);
        usage.ShouldNotBeNull().OutputTokenCount.ShouldBe(6);
    }

    [Fact]
    public async Task It_embeds_in_order()
    {
        var inputs = Enumerable.Range(0, 256).Select(i => $"sentence number {i}").ToList();
        var embeddings = (await _client.GetEmbeddingClient("embed").GenerateEmbeddingsAsync(inputs, cancellationToken: Token)).Value;
        embeddings.Select(embedding => embedding.Index).ShouldBe(Enumerable.Range(0, 256));
        embeddings[0].ToFloats().Length.ShouldBe(128);
    }

    [Fact]
    public async Task It_lists_models() =>
        (await _client.GetOpenAIModelClient().GetModelsAsync(Token)).Value.Select(model => model.Id).ShouldContain("chat");

    [Fact]
    public async Task It_reads_our_errors()
    {
        var error = await Should.ThrowAsync<ClientResultException>(async () =>
            await _client.GetChatClient("endless").CompleteChatAsync([new UserChatMessage("x")], new ChatCompletionOptions { MaxOutputTokenCount = 100_000 }, Token));
        error.Status.ShouldBe(400);
        error.Message.ShouldContain("context_length_exceeded");
    }
}
