using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Seeding;

/// <summary>What the factory has from its first start on; nothing of it is undone when a setting is taken away.</summary>
internal sealed class SeedOptions
{
    /// <summary>The project that the key, the source and the deployments belong to.</summary>
    [RegularExpression("[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", ErrorMessage = "Seed:Project must be 1 to 40 lower-case letters, digits and -, with a letter or digit at each end.")]
    public string Project { get; set; } = "default";

    /// <summary>A key of an admin of the whole factory. Another one than last time replaces it.</summary>
    [RegularExpression("aif_[0-9A-Za-z_-]{8,200}", ErrorMessage = "Seed:AdminKey must be aif_ and 8 to 200 letters, digits, - or _.")]
    public string? AdminKey { get; set; }

    /// <summary>A directory of models that becomes the source <c>seed</c>.</summary>
    public string? ModelsDirectory { get; set; }

    /// <summary>Only the models named here are approved by the seed policy; all others wait for a person.</summary>
    [ValidateEnumeratedItems]
    public IList<SeedDeployment> Deployments { get; } = [];
}

internal sealed class SeedDeployment
{
    [Required(ErrorMessage = "Seed:Deployments:<n>:Name must not be empty.")]
    public string Name { get; set; } = "";

    /// <summary>The model's name in the library.</summary>
    [Required(ErrorMessage = "Seed:Deployments:<n>:Model must not be empty.")]
    public string Model { get; set; } = "";
}
