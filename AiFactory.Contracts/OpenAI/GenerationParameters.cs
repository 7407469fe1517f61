using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiFactory.Contracts.OpenAI;

/// <summary>What chat completions and completions ask for alike. Fields that a service does not know are kept in <see cref="Others"/>; those it knows and cannot do are refused by it.</summary>
public abstract record GenerationParameters
{
    public string? Model { get; init; }
    public bool? Stream { get; init; }
    public StreamOptions? StreamOptions { get; init; }
    public int? MaxTokens { get; init; }
    public double? Temperature { get; init; }
    public double? TopP { get; init; }
    public long? Seed { get; init; }
    public double? PresencePenalty { get; init; }
    public double? FrequencyPenalty { get; init; }

    /// <summary>A string, or an array of 1 to 4 strings.</summary>
    public JsonElement? Stop { get; init; }

    public int? N { get; init; }
    public JsonElement? LogitBias { get; init; }
    public string? User { get; init; }

    /// <summary>Keeps the k most probable tokens; 0 or -1 keeps all. Not OpenAI's: as vLLM and llama-server have it.</summary>
    public int? TopK { get; init; }

    /// <summary>Drops tokens less probable than this share of the most probable one. As vLLM and llama-server have it.</summary>
    public double? MinP { get; init; }

    /// <summary>Divides the logits of tokens seen before; 1 is none. As vLLM has it.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>Whether the prompt may start behind what was computed for others; true where nothing is said. As llama-server has it.</summary>
    public bool? CachePrompt { get; init; }

    /// <summary>Only prompts with the same text here start behind each other. As vLLM has it.</summary>
    public string? CacheSalt { get; init; }

    /// <summary>When a request gets its turn: lower is earlier, 0 where nothing is said. As vLLM has it.</summary>
    public int? Priority { get; init; }

    /// <summary>Keeps the tokens that are about as surprising as the model expects, with this share together; 1 keeps all. As vLLM and llama-server have it.</summary>
    public double? TypicalP { get; init; }

    /// <summary>Tokens before which the model does not end its answer. As vLLM has it.</summary>
    public int? MinTokens { get; init; }

    /// <summary>The model does not end its answer. As vLLM has it.</summary>
    public bool? IgnoreEos { get; init; }

    /// <summary>An array of tokens that end the answer. As vLLM has it.</summary>
    public JsonElement? StopTokenIds { get; init; }

    /// <summary><c>{"type":"text"}</c>, <c>{"type":"json_object"}</c>, or <c>{"type":"json_schema","json_schema":{"name":"...","schema":{...}}}</c>.</summary>
    public JsonElement? ResponseFormat { get; init; }

    /// <summary>GBNF that the answer meets. As llama-server has it.</summary>
    public JsonElement? Grammar { get; init; }

    /// <summary>A JSON schema that the answer meets. As vLLM has it, and the next four.</summary>
    public JsonElement? GuidedJson { get; init; }

    public JsonElement? GuidedGrammar { get; init; }
    public JsonElement? GuidedRegex { get; init; }

    /// <summary>An array of texts of which the answer is one.</summary>
    public JsonElement? GuidedChoice { get; init; }

    /// <summary><c>{"json": ...}</c>, or <c>regex</c>, <c>choice</c>, <c>grammar</c> or <c>json_object</c>.</summary>
    public JsonElement? StructuredOutputs { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; set; }
}
