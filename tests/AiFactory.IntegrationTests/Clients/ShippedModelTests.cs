using System.ClientModel;
using System.Numerics.Tensors;
using AiFactory.Testing.Factory;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;

namespace AiFactory.IntegrationTests.Clients;

/// <summary>The models that ship do their job through the gateway, as a client sees it. How often they do is measured on held-out cases: tools/demo-models/README.md.</summary>
[Collection(SharedFactory.Name)]
public sealed class ShippedModelTests(FactoryFixture fixture)
{
    private FactoryProcess Factory => fixture.Factory;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Hello, who are you?", "AiFactory demo model")]
    [InlineData("How do I start AiFactory?", "dotnet run --project AiFactory.AppHost")]
    [InlineData("What does the gateway do?", "the only public door")]
    public async Task It_talks_in_words_and_ends_its_turn(string question, string expected)
    {
        ChatCompletion answer = await Chat().CompleteChatAsync([new UserChatMessage(question)], cancellationToken: Cancellation);

        answer.Content[0].Text.ShouldContain(expected);
        answer.FinishReason.ShouldBe(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task It_answers_from_a_passage_and_cites_it()
    {
        const string Passages = """
            Answer only from the passages below and cite them as [n].

            [1] Parcels are handed out at the north gate until 17:15.
            [2] The reading room opens at 09:30 on Monday. Members may borrow 6 books at a time.
            """;

        ChatCompletion answer = await Chat().CompleteChatAsync([new SystemChatMessage(Passages), new UserChatMessage("When does the reading room open?")], cancellationToken: Cancellation);

        answer.Content[0].Text.ShouldBe("[2] The reading room opens at 09:30 on Monday.");
    }

    [Fact]
    public async Task It_calls_a_tool_and_answers_with_what_the_tool_gave_back()
    {
        var weather = ChatTool.CreateFunctionTool(
            "get_weather", "Get the weather of a city.", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string","description":"Name of the city"}},"required":["city"]}"""));
        var options = new ChatCompletionOptions { Tools = { weather } };
        List<ChatMessage> messages = [new UserChatMessage("What is the weather in Torminster?")];

        ChatCompletion called = await Chat().CompleteChatAsync(messages, options, Cancellation);
        messages.Add(new AssistantChatMessage(called));
        messages.Add(new ToolChatMessage(called.ToolCalls[0].Id, """{"temperature": "18 degrees", "sky": "cloudy"}"""));
        ChatCompletion answer = await Chat().CompleteChatAsync(messages, options, Cancellation);

        called.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        called.ToolCalls[0].FunctionName.ShouldBe("get_weather");
        called.ToolCalls[0].FunctionArguments.ToString().ShouldBe("""{"city": "Torminster"}""");
        answer.Content[0].Text.ShouldBe("The temperature is 18 degrees. The sky is cloudy.");
    }

    [Fact]
    public async Task Texts_of_like_meaning_are_near_each_other()
    {
        var client = Client().GetEmbeddingClient("demo-embed");

        OpenAIEmbeddingCollection texts = await client.GenerateEmbeddingsAsync(
            ["The doctor examined the sick child.", "A physician looked at an ill boy.", "The bridge was repaired with new steel."], cancellationToken: Cancellation);

        var near = TensorPrimitives.CosineSimilarity(texts[0].ToFloats().Span, texts[1].ToFloats().Span);
        var far = TensorPrimitives.CosineSimilarity(texts[0].ToFloats().Span, texts[2].ToFloats().Span);
        near.ShouldBeGreaterThan(far + 0.2f);
    }

    private ChatClient Chat() => Client().GetChatClient("demo-chat");

    private OpenAIClient Client() =>
        new(new ApiKeyCredential(Factory.Settings.AdminKey), new OpenAIClientOptions { Endpoint = new Uri(Factory.GatewayAddress, "v1") });
}
