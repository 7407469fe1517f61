using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Chat;
using AiFactory.Inference.Native;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Reasoning;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Templates;
using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tools;

namespace AiFactory.Inference.Tokens;

/// <summary>From texts to tokens and back, and from messages to the prompt that their chat would have.</summary>
internal static class TokenService
{
    /// <summary>Bytes of text, and tokens, that one request may have whatever the model's context: to be told that a text is too long is what many ask for.</summary>
    private const int LeastBytes = 1 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static (TokenizeResponse? Value, OpenAIError? Error) Tokenize(TokenizeRequest request, ServedModel model, CancellationToken cancellationToken)
    {
        var forms = (request.Prompt is null ? 0 : 1) + (request.Content is null ? 0 : 1) + (request.Messages is null ? 0 : 1);
        if (forms != 1)
        {
            return (null, OpenAIError.Invalid("Give one of 'prompt', 'content' and 'messages'.", "prompt"));
        }

        if (request.Messages is not null)
        {
            return RefuseSpecial(request) is { } refused ? (null, refused)
                : Render(request, model, cancellationToken) is var (rendered, prompt, fault) && rendered is null ? (null, fault)
                : (Describe(request, model, prompt.Tokenize(rendered)), null);
        }

        var (text, field) = request.Prompt is { } given ? (given, "prompt") : (request.Content ?? "", "content");
        var most = Math.Max(LeastBytes, model.Model.MostBytes(model.ContextLength));
        if (Encoding.UTF8.GetByteCount(text) is var bytes && bytes > most)
        {
            return (null, OpenAIError.Invalid($"'{field}' has {bytes} bytes of text, at most {most} are tokenized in one request.", field));
        }

        // As completions read a prompt: what came with a request is data. llama-server's form has llama-server's defaults.
        var special = request.AddSpecialTokens ?? request.AddSpecial ?? request.Prompt is not null;
        var parse = request.ParseSpecial ?? request.Prompt is null;
        return (Describe(request, model, text.Length == 0 && !special ? [] : model.Model.Tokenize(text, special, parse)), null);
    }

    public static (DetokenizeResponse? Value, OpenAIError? Error) Detokenize(DetokenizeRequest request, ServedModel model)
    {
        if (request.Tokens is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() > LeastBytes)
        {
            return (null, OpenAIError.Invalid($"'tokens' is an array of at most {LeastBytes} tokens.", "tokens"));
        }

        var tokens = new int[array.GetArrayLength()];
        var i = 0;
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out tokens[i]) || (uint)tokens[i] >= (uint)model.Model.VocabularySize)
            {
                return (null, OpenAIError.Invalid($"A token is a whole number from 0 to {model.Model.VocabularySize - 1}.", $"tokens[{i}]"));
            }

            i++;
        }

        var text = model.Model.Detokenize(tokens);
        return (new DetokenizeResponse(text, text), null);
    }

    public static (ApplyTemplateResponse? Value, OpenAIError? Error) ApplyTemplate(TokenizeRequest request, ServedModel model, CancellationToken cancellationToken)
    {
        var (rendered, _, error) = Render(request, model, cancellationToken);
        return rendered is null ? (null, error) : (new ApplyTemplateResponse(rendered.Text), null);
    }

    /// <summary>As the chat does it.</summary>
    private static (StringValue? Rendered, ChatPrompt Prompt, OpenAIError? Error) Render(TokenizeRequest request, ServedModel model, CancellationToken cancellationToken)
    {
        // When a refusal is returned, nobody looks at the prompt.
        if (model.ChatPrompt is not { } prompt)
        {
            return (null, null!, OpenAIError.Invalid($"The model '{model.Assignment.Deployment}' does not chat: its task is {model.Assignment.Task}.", "model", "unsupported_task"));
        }

        var chat = new ChatCompletionRequest { Messages = request.Messages, Tools = request.Tools, ToolChoice = request.ToolChoice, ChatTemplateKwargs = request.ChatTemplateKwargs };
        prompt = ToolRequestReader.AsksTools(chat) ? prompt.ForTools : prompt;
        var (conversation, tools) = (new Conversation([]), ToolUse.None);
        if ((RefuseUnsupported(request) ?? ChatRequestReader.Read(chat, out conversation) ?? ToolRequestReader.Read(chat, prompt, out tools)) is { } refusal)
        {
            return (null, prompt, refusal);
        }

        if (model.Model.MostBytes(model.ContextLength) is var most
            && conversation.Turns.Sum(turn => (long)Encoding.UTF8.GetByteCount(turn.Content)) is var bytes && bytes > Math.Max(LeastBytes, most))
        {
            return (null, prompt, OpenAIError.Invalid($"'messages' have {bytes} bytes of text, at most {Math.Max(LeastBytes, most)} are rendered in one request.", "messages"));
        }

        try
        {
            var rendered = prompt.Render(conversation with { Tools = tools.Tools, TemplateArguments = Arguments(request, conversation) }, cancellationToken);
            tools = tools with { ThinksFirst = prompt.PlaceOf(rendered) != ReasoningPlace.Over };
            return (rendered.WithEnding(tools.Opening), prompt, null);
        }
        catch (TemplateException fault)
        {
            return (null, prompt, OpenAIError.Invalid($"The model's chat template cannot render the messages: {fault.Raised ?? fault.Message}.", "messages", "chat_template"));
        }
    }

    private static MapValue? Arguments(TokenizeRequest request, Conversation conversation) => request.AddGenerationPrompt is not { } add
        ? conversation.TemplateArguments
        : new MapValue(
        [
            .. conversation.TemplateArguments?.Entries ?? [],
            KeyValuePair.Create((TemplateValue)StringValue.FromTemplate("add_generation_prompt"), (TemplateValue)(add ? BooleanValue.True : BooleanValue.False)),
        ]);

    private static OpenAIError? RefuseUnsupported(TokenizeRequest request) =>
        request.ChatTemplate is not null ? OpenAIError.Unsupported("chat_template", ": the model's own is used")
        : request.ContinueFinalMessage == true ? OpenAIError.Unsupported("continue_final_message", "")
        : null;

    /// <summary>A chat's template writes its control tokens, and only it does.</summary>
    private static OpenAIError? RefuseSpecial(TokenizeRequest request) =>
        request.AddSpecialTokens ?? request.AddSpecial is true ? OpenAIError.Unsupported("add_special_tokens", " with messages: the chat template writes them")
        : request.ParseSpecial == true ? OpenAIError.Unsupported("parse_special", " with messages: only the chat template writes control tokens")
        : null;

    private static TokenizeResponse Describe(TokenizeRequest request, ServedModel model, int[] tokens) => new(
        tokens.Length,
        model.ContextLength,
        request.WithPieces == true ? Array.ConvertAll(tokens, token => new TokenPiece(token, Piece(model.Model.GetBytes(token)))) : tokens,
        request.ReturnTokenStrs == true ? [.. tokens.Select(token => Encoding.UTF8.GetString(model.Model.GetBytes(token)))] : null);

    private static object Piece(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Array.ConvertAll(bytes, value => (int)value);
        }
    }
}
