using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Published;

/// <summary>A flow's answer in OpenAI's form; its id is the run's, which finds the run in the console.</summary>
internal sealed class ChatChunks(string model, long created)
{
    internal string Id { get; set; } = "chatcmpl-flow";

    internal void Of(Guid runId) => Id = $"chatcmpl-{runId:N}";

    internal ChatCompletion Whole(FlowAnswer answer) => new(
        Id, "chat.completion", created, model, [new ChatChoice(0, new ChatMessage("assistant", answer.Text), FinishReasons.Stop)], Count(answer.Usage), Fingerprint(answer));

    internal ChatCompletionChunk Role() => Chunk(new ChatChunkChoice(0, new ChatDelta("assistant", "")));

    internal ChatCompletionChunk Text(string text) => Chunk(new ChatChunkChoice(0, new ChatDelta(Content: text)));

    internal ChatCompletionChunk End() => Chunk(new ChatChunkChoice(0, new ChatDelta(), FinishReasons.Stop));

    internal ChatCompletionChunk Usage(FlowAnswer answer) => new(Id, "chat.completion.chunk", created, model, [], Fingerprint(answer), Count(answer.Usage));

    private ChatCompletionChunk Chunk(ChatChunkChoice choice) => new(Id, "chat.completion.chunk", created, model, [choice], null);

    /// <summary>What ran: OpenAI's name for the configuration behind a model.</summary>
    private static string Fingerprint(FlowAnswer answer) => $"revision-{answer.Revision}";

    /// <summary>Of all model calls of the run.</summary>
    private static Usage Count(RunUsage usage) => new((int)usage.PromptTokens, (int)usage.CompletionTokens, (int)(usage.PromptTokens + usage.CompletionTokens));
}
