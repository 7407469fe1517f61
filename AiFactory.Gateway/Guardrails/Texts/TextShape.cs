using System.Collections.Frozen;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>
/// Which strings of a document are texts: all of them, but for those whose member's name says that they are none, and which look so. What a protocol adds is looked into until it is named
/// here, rather than passed over.
/// </summary>
internal sealed class TextShape
{
    private static readonly string[] Marks =
    [
        "role", "type", "id", "object", "status", "index", "model", "format", "detail", "tool_call_id", "call_id", "item_id", "response_id", "previous_response_id", "file_id",
        "finish_reason", "stop_reason", "phase", "service_tier", "system_fingerprint", "datatype",
    ];

    /// <summary>Addresses and bytes; servers that hide what they give back.</summary>
    private static readonly string[] Files = ["url", "image_url", "images", "file_url", "file_data", "data", "b64_json", "encrypted_content", "signature"];

    /// <summary>What a template makes of a prompt, and prompts that are no texts.</summary>
    private static readonly string[] Unreadable = ["chat_template", "prompt_embeds", "prompt_token_ids", "input_ids", "input_embeds", "inputs_embeds", "token_ids"];

    /// <summary>What repeats a text as tokens.</summary>
    private static readonly string[] Tokens = ["logprobs", "token_ids", "prompt_token_ids", "prompt_logprobs"];

    private static readonly (string, TextKind)[] Common = [.. Named(Marks, TextKind.Mark), .. Named(Files, TextKind.File)];

    /// <summary>What clients send, to whichever operation; but for what is about the request and no model's to read.</summary>
    private static readonly TextShape Request = new(
        null, [.. Common, .. Named(Unreadable, TextKind.Unreadable), ("arguments", TextKind.Json), ("content", TextKind.Parts), ("parts", TextKind.Parts)])
    {
        PassedOver = Names(["model", "user", "metadata", "safety_identifier", "prompt_cache_key", "request_id", "cache_salt"]),
        TokenIds = Names(["prompt", "input"]),
        HasNumbers = true,
        HasAuthor = true,
    };

    private static readonly TextShape Answer = new(["choices", "output"], [.. Common, ("name", TextKind.Mark), ("arguments", TextKind.Json), .. Named(Tokens, TextKind.Tokens)]);

    /// <summary>An event of a streamed response.</summary>
    public static TextShape ResponseEvent { get; } = new(
        ["text", "arguments", "refusal", "input", "code", "part", "item", "response"],
        [
            .. Common, ("name", TextKind.Mark), ("arguments", TextKind.Json), .. Named(Tokens, TextKind.Tokens),
            .. Named(["instructions", "tools", "tool_choice", "metadata", "truncation", "verbosity", "reasoning", "user"], TextKind.None),
        ]);

    /// <summary>KServe's tensors: https://github.com/kserve/open-inference-protocol. What is in its <c>parameters</c> goes to the model as OpenAI's members do.</summary>
    private static readonly TextShape Tensors = new(
        null, [.. Named(["name", "datatype", "id"], TextKind.Mark), .. Named(Unreadable, TextKind.Unreadable), ("arguments", TextKind.Json), ("content", TextKind.Parts)])
    {
        PassedOver = Names(["id", "outputs"]),
        IsTensors = true,
    };

    private static readonly TextShape AnsweredTensors = new(["outputs"], [.. Named(["name", "datatype"], TextKind.Mark), .. Named(["shape", "parameters"], TextKind.None)]);

    /// <summary>Of a service whose form nobody knows: all of it.</summary>
    private static readonly TextShape Anything = new(null, [.. Common, ("arguments", TextKind.Json), ("content", TextKind.Parts)]) { PassedOver = Names(["id", "model", "task", "type"]), HasNumbers = true };

    /// <summary>The arguments of a call, written out.</summary>
    public static TextShape Arguments { get; } = new(null, [("arguments", TextKind.Json)]) { HasNumbers = true };

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>>? _roots;
    private readonly FrozenDictionary<string, TextKind>.AlternateLookup<ReadOnlySpan<char>> _kinds;

    private TextShape(string[]? roots, (string Name, TextKind Kind)[] kinds)
    {
        _roots = roots is null ? null : Names(roots);
        _kinds = kinds.ToFrozenDictionary(kind => kind.Name, kind => kind.Kind, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Whether long numbers are looked at as what they are written as.</summary>
    public bool HasNumbers { get; private init; }

    /// <summary>Whether lists of numbers under <c>data</c> are tokens.</summary>
    public bool IsTensors { get; private init; }

    /// <summary>Whether some of it is the application's author's, by its role or by the member that it stands in; elsewhere these names say nothing.</summary>
    public bool HasAuthor { get; private init; }

    /// <summary>Members of the document that are looked into by nobody.</summary>
    private FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>>? PassedOver { get; init; }

    /// <summary>Members that may have numbers in place of words, which no rule can read.</summary>
    private FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>>? TokenIds { get; init; }

    public static TextShape OfRequest(Operation operation) => operation.Body is not null ? Tensors : operation.Tasks is [Registry.StaticModel.InferTask] ? Anything : Request;

    /// <summary>Null where an answer has no text that a model wrote.</summary>
    public static TextShape? OfAnswer(Operation operation) =>
        operation.Body is not null ? AnsweredTensors
        : operation.Tasks is [Registry.StaticModel.InferTask] ? Anything
        : operation == Operation.ChatCompletion || operation == Operation.Completion || operation == Operation.Response ? Answer
        : null;

    public bool IsRoot(ReadOnlySpan<char> member) => _roots is { } roots ? roots.Contains(member) : PassedOver is not { } passed || !passed.Contains(member);

    public bool MayBeTokenIds(ReadOnlySpan<char> member) => TokenIds is { } ids && ids.Contains(member);

    public TextKind KindOf(ReadOnlySpan<char> member) => _kinds.TryGetValue(member, out var kind) ? kind : TextKind.Text;

    public static TextKind KindOfAnswer(ReadOnlySpan<char> member) => Answer.KindOf(member);

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Names(string[] names) =>
        names.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private static IEnumerable<(string, TextKind)> Named(string[] names, TextKind kind) => names.Select(name => (name, kind));
}
