using System.Text;
using AiFactory.Contracts;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Reasoning;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Templates;
using AiFactory.Inference.Tools;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Chat;

/// <summary>From a chat request to its answer, streamed or whole, or to the refusal that names what is wrong with it.</summary>
internal sealed class ChatService(ModelResolver models, PrefixTenants tenants, RequestTermsReader termsReader, GenerationRunner runner, TokenizerGate tokenizer, CallGrammars grammars, TimeProvider time)
{
    /// <param name="shape">How the answer is written, when not as a chat completion.</param>
    public Task<IResult> AnswerAsync(HttpContext http, ChatCompletionRequest request, CancellationToken cancellationToken, Func<ChatPlan, IAnswerFormat>? shape = null) =>
        models.HoldAsync(http, request.Model, use => AnswerAsync(http, use, request, cancellationToken, shape), cancellationToken);

    /// <summary>For who holds the model already.</summary>
    public async Task<IResult> AnswerAsync(HttpContext http, ModelUse use, ChatCompletionRequest request, CancellationToken cancellationToken, Func<ChatPlan, IAnswerFormat>? shape = null)
    {
        // 1. The request's fields, and its size. 2. The model's template, and its tokens, both bounded by what can fit the context; then the grammar, the dearest. 3. The answer.
        var model = use.Model;
        if (Read(request, model, out var plan) is { } refusal)
        {
            return new OpenAIErrorResult(refusal);
        }

        if (termsReader.Read(http, request.Priority, out var terms) is { } refusedTerms)
        {
            return new OpenAIErrorResult(refusedTerms);
        }

        var (tokens, prepared, refused) = await tokenizer.RunAsync(() => Prepare(http, request, plan, model, cancellationToken), cancellationToken);
        if (refused is not null)
        {
            return new OpenAIErrorResult(refused);
        }

        plan = prepared;

        var builder = new GenerationRequestBuilder(
            tokens, "messages", request.MaxCompletionTokens ?? request.MaxTokens, plan.Sampling, plan.Stop, request.Stream == true, request.StreamOptions?.IncludeUsage == true)
        {
            Tenant = tenants.Of(http, request.CacheSalt),
            ReadsCache = request.CachePrompt ?? true,
            Adapter = use.Adapter,
            Terms = terms,
            Rules = plan.Rules,
            Reasoning = plan.Reasoning,
            Choices = request.N ?? 1,
            NewIsOver = plan.Tools is { IsSingle: true, Format: not null } ? () => BehindFirstCall(plan.Tools, plan.Reasoning) : null,
        };
        var format = shape?.Invoke(plan) ?? (plan is { Tools.Format: null, Reasoning: null } ? ChatFormat.Instance : new ToolChatFormat(plan.Tools, plan.Reasoning, NewCallId));
        return await runner.RunAsync(model, builder, format, cancellationToken);
    }

    private string NewCallId() => $"call_{Guid.CreateVersion7(time.GetUtcNow()):N}";

    /// <summary>Ends the generation with the first whole call: what followed would be thrown away.</summary>
    private static Func<string, bool> BehindFirstCall(ToolUse tools, ReasoningUse? reasoning)
    {
        var parser = new AnswerParser(reasoning, tools.NewParser());
        parser.Append(tools.Opening);
        return text =>
        {
            parser.Append(text);
            return parser.Ended > 0;
        };
    }

    private static OpenAIError? Read(ChatCompletionRequest request, ServedModel model, out ChatPlan plan)
    {
        // When a refusal is returned, nobody looks at the plan.
        plan = null!;
        if (GenerationParametersReader.Read(request, model.Model.Sampling, out var sampling, out var stop) is { } refusal)
        {
            return refusal;
        }

        if (ChatRequestReader.Read(request, out var conversation) is { } refusedChat)
        {
            return refusedChat;
        }

        if (model.ChatPrompt is not { } prompt)
        {
            return OpenAIError.Invalid($"The model '{request.Model}' does not chat: its task is {ModelTasks.Embedding}.", "model", "unsupported_task");
        }

        prompt = ToolRequestReader.AsksTools(request) ? prompt.ForTools : prompt;
        if (ToolRequestReader.Read(request, prompt, out var tools) is { } refusedTools)
        {
            return refusedTools;
        }

        if (AnswerRulesReader.Read(request, model.Model, request.Logprobs == true ? request.TopLogprobs ?? 0 : null, out var rules) is { } refusedRules)
        {
            return refusedRules;
        }

        if (ReasoningRequestReader.Read(request, prompt, out var reasoning) is { } refusedReasoning)
        {
            return refusedReasoning;
        }

        plan = new ChatPlan(prompt, conversation with { Tools = tools.Tools }, tools, sampling, stop, rules) { Reasoning = reasoning };
        return TooLong(model, CountBytes(request, conversation));
    }

    private (int[] Tokens, ChatPlan Plan, OpenAIError? Refusal) Prepare(HttpContext http, ChatCompletionRequest request, ChatPlan plan, ServedModel model, CancellationToken cancellationToken)
    {
        var (rules, tokens) = (plan.Rules, Array.Empty<int>());
        AnswerGrammar? grammar = null;
        var refusal = Tokenize(ref plan, model, cancellationToken, out tokens)
            ?? AnswerGrammarReader.Read(request, cancellationToken, out grammar)
            ?? grammars.Hold(plan.Tools, grammar, http.GetIdentity().Project ?? "", cancellationToken, ref rules);
        if (plan.Reasoning is { Place: not ReasoningPlace.Over } reasoning)
        {
            rules = rules with { Thought = reasoning.Format.Hold(reasoning.Place, plan.Tools.IsRequired, rules.Grammar is not null) };
        }

        return (tokens, plan with { Rules = rules }, refusal);
    }

    /// <summary>A call that is required is begun for the model, unless it may think before.</summary>
    private static OpenAIError? Tokenize(ref ChatPlan plan, ServedModel model, CancellationToken cancellationToken, out int[] tokens)
    {
        tokens = [];
        try
        {
            // A template may write far more than it was given.
            var rendered = plan.Prompt.Render(plan.Conversation, cancellationToken);
            var place = plan.Prompt.PlaceOf(rendered);
            plan = plan with { Reasoning = plan.Reasoning is { } reasoning ? reasoning with { Place = place } : null, Tools = plan.Tools with { ThinksFirst = place != ReasoningPlace.Over } };
            rendered = rendered.WithEnding(plan.Tools.Opening);
            if (TooLong(model, Encoding.UTF8.GetByteCount(rendered.Text)) is { } refusal)
            {
                return refusal;
            }

            tokens = plan.Prompt.Tokenize(rendered);
            return null;
        }
        catch (TemplateException fault)
        {
            var message = fault.Raised is { } raised ? $"The model's chat template refuses the messages: {raised}" : $"The model's chat template cannot render the messages: {fault.Message}.";
            return OpenAIError.Invalid(message, "messages", "chat_template");
        }
    }

    private static OpenAIError? TooLong(ServedModel model, long bytes) =>
        model.Model.MostBytes(model.ContextLength) is var most && bytes > most ? OpenAIError.TextTooLong(model.ContextLength, bytes, most, "messages") : null;

    private static long CountBytes(ChatCompletionRequest request, Conversation conversation) =>
        conversation.Turns.Sum(turn => (long)turn.Role.Length + Encoding.UTF8.GetByteCount(turn.Content) + Encoding.UTF8.GetByteCount(turn.Thought ?? ""))
        + (request.Messages ?? []).Sum(message => (long)(message?.ToolCalls?.GetRawText().Length ?? 0))
        + (request.Tools?.GetRawText().Length ?? 0)
        + (request.ChatTemplateKwargs?.GetRawText().Length ?? 0);
}
