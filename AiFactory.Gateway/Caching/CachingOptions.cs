using System.ComponentModel.DataAnnotations;

namespace AiFactory.Gateway.Caching;

/// <summary>The settings under <c>Caching</c>. Which answers are kept, and for how long, says the policy of each deployment.</summary>
internal sealed class CachingOptions
{
    public const string Section = "Caching";

    /// <summary>Bytes of memory for all answers together; what was used longest ago makes room.</summary>
    [Range(1L << 20, 1L << 40, ErrorMessage = "Caching:MemoryBytes must lie between 1048576 and 1099511627776.")]
    public long MemoryBytes { get; set; } = 64 << 20;

    /// <summary>A longer answer, as the model wrote it, is not kept. Vectors are bounded by the memory alone.</summary>
    [Range(1024, 256 << 20, ErrorMessage = "Caching:LargestAnswer must lie between 1024 and 268435456.")]
    public int LargestAnswer { get; set; } = 1 << 20;

    /// <summary>How long a request waits for the answer to an equal one that is under way, before it asks itself; 0 for not at all.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Caching:FlightWait must lie between 0 and one hour.")]
    public TimeSpan FlightWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the embedding of a question is waited for, where a policy wants near ones found; after that it is asked as it is.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Caching:SemanticWait must lie between 1 millisecond and one minute.")]
    public TimeSpan SemanticWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Questions whose vectors are in memory, of some 4 KB each for a thousand numbers.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Caching:SemanticQuestions must lie between 1 and 10000000.")]
    public int SemanticQuestions { get; set; } = 5_000;

    /// <summary>Whether answers are stored in the gateway's database too, where there is one, so that other gateways and this one after a restart have them.</summary>
    public bool Stored { get; set; } = true;

    /// <summary>Bytes of answers in the database; what was stored longest ago is deleted, every five minutes.</summary>
    [Range(1L << 20, 1L << 50, ErrorMessage = "Caching:StoredBytes must lie between 1048576 and 1125899906842624.")]
    public long StoredBytes { get; set; } = 1L << 30;

    /// <summary>How long a request waits for the database; longer is a miss, and it is asked again after five seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Caching:StoreTimeout must lie between 1 millisecond and one minute.")]
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How soon an order to forget, given to another gateway, is carried out here.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00", ErrorMessage = "Caching:PurgeInterval must lie between 10 milliseconds and one hour.")]
    public TimeSpan PurgeInterval { get; set; } = TimeSpan.FromSeconds(2);
}
