using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Knowledge.Seeding;

/// <summary>The settings <c>Seed:Project</c> and <c>Seed:Knowledge</c>.</summary>
internal sealed class KnowledgeSeedOptions
{
    /// <summary>The project that the knowledge bases belong to.</summary>
    [RegularExpression("[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", ErrorMessage = "Seed:Project must be 1 to 40 lower-case letters, digits and -, with a letter or digit at each end.")]
    public string Project { get; set; } = "default";

    [ValidateEnumeratedItems]
    public IList<SeedKnowledgeBase> Knowledge { get; } = [];
}

internal sealed class SeedKnowledgeBase
{
    [Required(ErrorMessage = "Seed:Knowledge:<n>:Name must not be empty.")]
    public string Name { get; set; } = "";

    /// <summary>A directory whose Markdown becomes the base: README.md in it and in the directories in it, and all of its docs.</summary>
    [Required(ErrorMessage = "Seed:Knowledge:<n>:Directory must not be empty.")]
    public string Directory { get; set; } = "";

    public string EmbeddingModel { get; set; } = "demo-embed";

    /// <summary>The most characters of a passage, 100 to 8000; the builder's own choice when null.</summary>
    public int? ChunkSize { get; set; }
}
