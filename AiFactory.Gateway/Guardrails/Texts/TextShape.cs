using System.Collections.Frozen;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>
/// Which strings of a document are texts: all that lie within some members, but for those whose member's name says that they are none. What a protocol adds is looked into until it is named
/// here, rather than passed over.
/// </summary>
internal sealed class TextShape
{
    private static readonly string[] Marks =
    [
        "role", "type", "id", "object", "name", "status", "index", "model", "format", "detail", "tool_call_id", "call_id", "item_id", "response_id", "previous_response_id", "file_id",
        "finish_reason", "stop_reason", "encrypted_content", "signature", "cache_control", "phase", "service_tier", "system_fingerprint",
    ];

    /// <summary>What is no text: addresses and files.</summary>
    private static readonly string[] Files = ["url", "image_url", "file_url", "file_data", "data", "b64_json"];

    /// <summary>Of all that clients send, under the names of all operations: a member that an operation has not, no engine looks at.</summary>
    private static readonly TextShape Request = new(
        ["messages", "prompt", "suffix", "input", "instructions", "query", "queries", "documents", "text", "text_1", "text_2", "texts", "prediction", "content"], [.. Marks, .. Files])
    {
        Described = Names(["tools", "functions"]),
        TokenIds = Names(["prompt", "input"]),
    };

    private static readonly TextShape Answer = new(["choices", "output"], [.. Marks, .. Files]);

    /// <summary>An event of a streamed response.</summary>
    public static TextShape ResponseEvent { get; } = new(["text", "arguments", "refusal", "input", "code", "part", "item", "response"], [.. Marks, .. Files, "instructions", "tools", "tool_choice", "metadata", "truncation", "verbosity", "reasoning", "user"]);

    /// <summary>KServe's tensors: https://github.com/kserve/open-inference-protocol.</summary>
    private static readonly TextShape Tensors = new(["inputs"], ["name", "datatype", "shape", "parameters"]);

    private static readonly TextShape AnsweredTensors = new(["outputs"], ["name", "datatype", "shape", "parameters"]);

    /// <summary>Of a service whose form nobody knows: all of it.</summary>
    private static readonly TextShape Anything = new(null, ["id", "model", "task", "type", "role"]);

    /// <summary>What repeats a text as tokens.</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Repeating = Names(["logprobs", "token_ids", "prompt_token_ids", "prompt_logprobs"]);

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>>? _roots;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _marks;

    private TextShape(string[]? roots, string[] marks)
    {
        _roots = roots is null ? null : Names(roots);
        _marks = Names(marks);
    }

    /// <summary>Members of which only descriptions are texts, for the rest says what a model may write.</summary>
    private FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>>? Described { get; init; }

    /// <summary>Members that may have numbers in place of words, which no rule can read.</summary>
    private FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>>? TokenIds { get; init; }

    public static TextShape OfRequest(Operation operation) => operation.Body is not null ? Tensors : operation.Tasks is [Registry.StaticModel.InferTask] ? Anything : Request;

    /// <summary>Null where an answer has no text that a model wrote.</summary>
    public static TextShape? OfAnswer(Operation operation) =>
        operation.Body is not null ? AnsweredTensors
        : operation.Tasks is [Registry.StaticModel.InferTask] ? Anything
        : operation == Operation.ChatCompletion || operation == Operation.Completion || operation == Operation.Response ? Answer
        : null;

    public bool IsRoot(ReadOnlySpan<char> member) => _roots is not { } roots || roots.Contains(member);

    public bool IsDescribed(ReadOnlySpan<char> member) => Described is { } described && described.Contains(member);

    public bool MayBeTokenIds(ReadOnlySpan<char> member) => TokenIds is { } ids && ids.Contains(member);

    public bool IsMark(ReadOnlySpan<char> member) => _marks.Contains(member);

    public static bool IsMarkOfAnswer(ReadOnlySpan<char> member) => Answer.IsMark(member);

    public static bool Repeats(ReadOnlySpan<char> member) => Repeating.Contains(member);

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Names(string[] names) =>
        names.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
}
