using System.Security.Cryptography;
using AiFactory.Builder.Knowledge.Bases;
using AiFactory.Builder.Knowledge.Documents;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Knowledge.Seeding;

/// <summary>
/// Makes knowledge bases of directories, through the same services that people use. A file that is as it was is left alone, one that has changed is uploaded
/// again, one that is gone from the directory is deleted.
/// </summary>
internal sealed class KnowledgeSeed(
    KnowledgeBaseService bases, KnowledgeBaseStore baseStore, DocumentService documents, DocumentStore documentStore, KnowledgeSeedStore store, IOptions<KnowledgeSeedOptions> options, TimeProvider time)
{
    internal const string Actor = "policy:seed";

    /// <summary>Files that were uploaded, and sentences on what could not be.</summary>
    internal async Task<(int Uploaded, IReadOnlyList<string> Complaints)> RunOnceAsync(CancellationToken cancellationToken)
    {
        var uploaded = 0;
        var complaints = new List<string>();
        foreach (var seed in options.Value.Knowledge)
        {
            if (!Directory.Exists(seed.Directory))
            {
                complaints.Add($"There is no directory {seed.Directory} for the knowledge base {seed.Name} (setting Seed:Knowledge).");
                continue;
            }

            uploaded += await SeedAsync(seed, complaints, cancellationToken);
        }

        return (uploaded, complaints);
    }

    private async Task<int> SeedAsync(SeedKnowledgeBase seed, List<string> complaints, CancellationToken cancellationToken)
    {
        var project = options.Value.Project;
        var seeded = await store.ListAsync(project, seed.Name, cancellationToken);
        var owner = await baseStore.FindAsync(project, seed.Name, cancellationToken);
        if (owner is null)
        {
            if (seeded.ContainsKey(KnowledgeSeedStore.Base))
            {
                // A person has deleted it.
                return 0;
            }

            var request = new KnowledgeBaseRequest(seed.Name, "Made by the seed, of documents that come with the factory.", seed.EmbeddingModel, seed.ChunkSize, null);
            var made = await bases.CreateAsync(project, request, Actor, cancellationToken);
            if (made is Outcome<KnowledgeBaseRow>.Invalid invalid)
            {
                complaints.Add($"The knowledge base {seed.Name} cannot be made: {string.Join(" ", invalid.Errors.SelectMany(error => error.Value))}");
                return 0;
            }

            owner = await baseStore.FindAsync(project, seed.Name, cancellationToken);
            await store.SaveAsync(project, seed.Name, KnowledgeSeedStore.Base, "", time.GetUtcNow(), cancellationToken);
        }

        var uploaded = 0;
        var files = SeedFiles.List(seed.Directory);
        foreach (var path in files)
        {
            var file = Path.Combine(seed.Directory, path);
            var digest = await DigestAsync(file, cancellationToken);
            if (seeded.GetValueOrDefault(path) == digest)
            {
                continue;
            }

            if (await UploadAsync(project, seed.Name, path, file, cancellationToken) is { } complaint)
            {
                complaints.Add(complaint);
                continue;
            }

            await store.SaveAsync(project, seed.Name, path, digest, time.GetUtcNow(), cancellationToken);
            uploaded++;
        }

        foreach (var gone in seeded.Keys.Except(files).Where(path => path != KnowledgeSeedStore.Base))
        {
            if (owner is not null && await documentStore.FindByNameAsync(owner.Id, gone, cancellationToken) is { CreatedBy: Actor } document)
            {
                await documents.DeleteAsync(project, seed.Name, document.Id, cancellationToken);
            }

            await store.RemoveAsync(project, seed.Name, gone, cancellationToken);
        }

        return uploaded;
    }

    private async Task<string?> UploadAsync(string project, string name, string path, string file, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(file);
        var outcome = await documents.UploadAsync(project, name, new Upload(path, "text/markdown", "utf-8", content), Actor, cancellationToken);
        return outcome switch
        {
            Outcome<DocumentRow>.Done => null,
            Outcome<DocumentRow>.Invalid invalid => $"{path} cannot be taken into {name}: {string.Join(" ", invalid.Errors.SelectMany(error => error.Value))}",
            Outcome<DocumentRow>.TooMany refused => $"{path} cannot be taken into {name} now: {refused.Detail}",
            Outcome<DocumentRow>.Missing => $"The knowledge base {name} was deleted while it was filled.",
            _ => $"{path} cannot be taken into {name}.",
        };
    }

    private static async Task<string> DigestAsync(string file, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
    }
}
