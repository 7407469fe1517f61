using System.Runtime.CompilerServices;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Models;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ModelLibrary.Scanning.Gguf;
using AiFactory.ServiceDefaults.Objects;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Scanning;

/// <summary>Scans a copied version and decides: quarantined, or waiting for an approval by its project's policy.</summary>
internal sealed class ScanService(IObjectStore objects, GgufScanner scanner, ProjectStore projects, VersionStore versions, VersionSteps steps, IOptions<ScanOptions> options, TimeProvider time)
{
    internal const string Actor = "system:scan";

    /// <returns>Whether the version passed.</returns>
    internal async Task<bool> ScanAsync(VersionRow claimed, CancellationToken cancellationToken)
    {
        var report = await ReadAsync(claimed, cancellationToken);
        if (report is not { Passed: true, Metadata: { } metadata })
        {
            var reason = report.Reason();
            await steps.AdvanceAsync(
                claimed,
                claimed with { State = ModelVersionStates.Quarantined, Reason = reason },
                "model.quarantined",
                Actor,
                [.. report.Findings.Take(20).Select(finding => new StepEvidence(EvidenceStages.Scanned, EvidenceStages.Failed, $"{finding.Rule}: {finding}"))],
                cancellationToken);
            return false;
        }

        var policy = (await projects.FindAsync(claimed.Project, cancellationToken))?.ApprovalPolicy ?? ApprovalPolicies.SecondPerson;
        var revoked = await versions.ListRevokedAsync(claimed.Project, claimed.Digest, cancellationToken);
        await steps.AdvanceAsync(
            claimed,
            claimed with { State = ModelVersionStates.PendingApproval, Reason = null, Metadata = ModelMapping.ToJson(metadata) },
            "model.scanned",
            Actor,
            [
                new StepEvidence(EvidenceStages.Scanned, EvidenceStages.Passed, Describe(metadata, ModelParts.Read(claimed.Parts)?.Count ?? 1)),
                new StepEvidence(EvidenceStages.Policy, EvidenceStages.Passed, Describe(policy)),
                .. revoked.Select(other => new StepEvidence(EvidenceStages.Revocation, EvidenceStages.Revoked, other.SameBytes)),
            ],
            cancellationToken);
        return true;
    }

    private async Task<ScanReport> ReadAsync(VersionRow version, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var first = version.ObjectKey ?? throw new InvalidOperationException($"Version {version.Id} is to be scanned but was not copied.");
            var files = ModelParts.Read(version.Parts)?.Select(part => (part.ObjectKey, part.SizeBytes)).ToList() ?? [(first, version.SizeBytes)];
            return await scanner.ScanAsync(OpenAsync(files, either.Token), files.Count, either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // It says nothing of the model: a slow disk or object store is waited for like one that is away.
            throw new TimeoutException($"The scan took longer than {options.Value.Timeout.TotalSeconds:0} s.");
        }
    }

    private async IAsyncEnumerable<(Stream Stream, long Length)> OpenAsync(IReadOnlyList<(string Key, long Size)> files, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (key, size) in files)
        {
            await using var content = await objects.OpenReadAsync(key, range: null, cancellationToken)
                ?? throw new IOException($"The object '{key}' is not in object storage.");
            if (content.Info.Size != size)
            {
                throw new IOException($"The object '{key}' has {content.Info.Size} bytes and not the {size} that were copied.");
            }

            yield return (content.Stream, size);
        }
    }

    private static string Describe(ModelMetadata metadata, int files) =>
        $"{(files == 1 ? "A whole GGUF file" : $"A whole GGUF model in {files} files")}: architecture {metadata.Architecture}, {GgufByteReader.Number(metadata.Parameters)} parameters in {metadata.Quantization}, "
        + $"context {metadata.ContextLength}, {metadata.Layers} layers, vocabulary {metadata.VocabularySize}, "
        + (metadata.HasChatTemplate ? "chat template without findings." : "no chat template.");

    private static string Describe(string policy) => policy == ApprovalPolicies.SecondPerson
        ? "Project policy second-person: it needs the approval of someone other than its author."
        : "Project policy single: it needs one approval.";
}
