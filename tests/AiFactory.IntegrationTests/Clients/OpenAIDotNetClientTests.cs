using System.ClientModel;
using System.ClientModel.Primitives;
using AiFactory.Testing.Factory;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;

namespace AiFactory.IntegrationTests.Clients;

/// <summary>FEATURES row 2: the official OpenAI client for .NET, unchanged, against the gateway.</summary>
[Collection(SharedFactory.Name)]
public sealed class OpenAIDotNetClientTests(FactoryFixture fixture)
{
    private FactoryProcess Factory => fixture.Factory;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chat_is_answered_with_its_usage()
    {
        var chat = Client().GetChatClient("demo-chat");

        ChatCompletion completion = await chat.CompleteChatAsync([new UserChatMessage("Hello, who are you?")], new ChatCompletionOptions { MaxOutputTokenCount = 24 }, Cancellation);

        completion.Usage.InputTokenCount.ShouldBeGreaterThan(0);
        completion.Usage.OutputTokenCount.ShouldBeInRange(1, 24);
        completion.Usage.TotalTokenCount.ShouldBe(completion.Usage.InputTokenCount + completion.Usage.OutputTokenCount);
        completion.FinishReason.ShouldBeOneOf(ChatFinishReason.Stop, ChatFinishReason.Length);
    }

    [Fact]
    public async Task A_streamed_chat_brings_deltas_a_finish_reason_and_usage()
    {
        var chat = Client().GetChatClient("demo-chat");
        var updates = new List<StreamingChatCompletionUpdate>();

        await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage("Count to ten.")], new ChatCompletionOptions { MaxOutputTokenCount = 24 }, Cancellation))
        {
            updates.Add(update);
        }

        updates.Count(update => update.ContentUpdate.Count > 0).ShouldBeGreaterThan(1);
        updates.Last(update => update.FinishReason is not null).FinishReason.ShouldNotBeNull();
        updates.Last(update => update.Usage is not null).Usage.OutputTokenCount.ShouldBeInRange(1, 24);
    }

    [Fact]
    public async Task Two_hundred_and_fifty_six_inputs_are_embedded_in_order()
    {
        var embeddings = Client().GetEmbeddingClient("demo-embed");
        var inputs = Enumerable.Range(0, 256).Select(number => $"input number {number}").ToList();

        OpenAIEmbeddingCollection all = await embeddings.GenerateEmbeddingsAsync(inputs, cancellationToken: Cancellation);
        OpenAIEmbedding alone = await embeddings.GenerateEmbeddingAsync(inputs[200], cancellationToken: Cancellation);

        all.Count.ShouldBe(256);
        all.Select(embedding => embedding.Index).ShouldBe(Enumerable.Range(0, 256));
        all.Usage.InputTokenCount.ShouldBeGreaterThan(256);
        Cosine(all[200].ToFloats().Span, alone.ToFloats().Span).ShouldBeGreaterThan(0.999);
        Cosine(all[200].ToFloats().Span, all[7].ToFloats().Span).ShouldBeLessThan(0.9999);
    }

    [Fact]
    public async Task The_model_list_shows_what_is_deployed()
    {
        var models = await Client().GetOpenAIModelClient().GetModelsAsync(Cancellation);

        // A flow that another test has published is listed for some seconds after it is gone.
        models.Value.Select(model => model.Id).Where(id => !id.StartsWith("flow/", StringComparison.Ordinal)).Order().ShouldBe(["demo-chat", "demo-embed"]);
    }

    [Fact]
    public async Task A_wrong_key_answers_401_with_OpenAIs_code()
    {
        var chat = Client("aif_this-key-does-not-exist").GetChatClient("demo-chat");

        var error = await Should.ThrowAsync<ClientResultException>(() => chat.CompleteChatAsync([new UserChatMessage("Hello")], cancellationToken: Cancellation));

        error.Status.ShouldBe(401);
        error.Message.ShouldContain("invalid_api_key");
    }

    [Fact]
    public async Task More_context_than_the_model_has_answers_400_context_length_exceeded()
    {
        var chat = Client().GetChatClient("demo-chat");
        var endless = string.Join(' ', Enumerable.Repeat("word", 20_000));

        var error = await Should.ThrowAsync<ClientResultException>(() => chat.CompleteChatAsync([new UserChatMessage(endless)], cancellationToken: Cancellation));

        error.Status.ShouldBe(400);
        error.Message.ShouldContain("context_length_exceeded");
    }

    private static double Cosine(ReadOnlySpan<float> left, ReadOnlySpan<float> right) =>
        System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(left, right);

    private OpenAIClient Client(string? key = null) => new(
        new ApiKeyCredential(key ?? Factory.Settings.AdminKey),
        new OpenAIClientOptions
        {
            Endpoint = new Uri(Factory.GatewayAddress, "v1"),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
        });
}
