using System.ComponentModel.DataAnnotations;

namespace AiFactory.ModelLibrary.Upstreams;

/// <summary>The settings under <c>Upstreams</c>.</summary>
internal sealed class UpstreamsOptions
{
    public const string Section = "Upstreams";

    /// <summary>Which hosts upstreams may have; none unless they are named here: see <see cref="AllowedHost"/>.</summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Further headers that upstreams may have, whose values are no secrets: see <see cref="ShownHeaders"/>.</summary>
    public IList<string> AllowedHeaders { get; } = [];

    /// <summary>How long the test of an upstream may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:02:00", ErrorMessage = "Upstreams:TestTimeout must lie between 0.1 seconds and two minutes.")]
    public TimeSpan TestTimeout { get; set; } = TimeSpan.FromSeconds(15);
}
