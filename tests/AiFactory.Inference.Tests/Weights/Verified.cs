using AiFactory.Inference.Weights;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Weights;

internal static class Verified
{
    /// <summary>As a process that was just started knows the files of the cache in this folder.</summary>
    public static VerifiedFiles In(string directory, string? secret = "a secret of tests", bool verifyAtStart = false) => new(
        Options.Create(new WeightsOptions { Directory = directory, VerifyAtStart = verifyAtStart }), secret, TimeProvider.System, NullLogger<VerifiedFiles>.Instance);
}
