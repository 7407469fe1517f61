using System.Text.Json;

namespace AiFactory.Contracts.OpenAI;

/// <summary>What chat completions and completions ask for alike. Fields that a service does not know are ignored; those it knows and cannot do are refused by it.</summary>
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

    /// <summary>When a request gets its turn: lower is earlier, 0 where nothing is said. As vLLM has it.</summary>
    public int? Priority { get; init; }
}
