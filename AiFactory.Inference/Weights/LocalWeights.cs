namespace AiFactory.Inference.Weights;

/// <summary>A file that is here already, such as on a volume: it is used where it lies, once its digest is known.</summary>
internal sealed partial class LocalWeights(VerifiedFiles verified, ILogger<LocalWeights> logger) : IWeights
{
    public async Task<WeightsLease.File> AcquireAsync(WeightsPart part, Action<double> progress, CancellationToken cancellationToken)
    {
        var file = new FileInfo(part.Key);
        if (!file.Exists)
        {
            throw new WeightsException($"There is no file {part.Key}.");
        }

        if (part.SizeBytes > 0 && file.Length != part.SizeBytes)
        {
            throw new WeightsException($"The file {part.Key} has {file.Length} bytes, the settings say {part.SizeBytes}.");
        }

        part.Limit?.Check(part.Name, file.Length);
        // Held before it is hashed, so that what is loaded is what was hashed.
        var hold = FileLock.Share(part.Key);
        try
        {
            var found = await verified.ProveAsync(part.Key, isOurs: false, part.MustRead, cancellationToken);
            if (part.Digest.Length == 0)
            {
                LogComputed(logger, part.Key, found.Digest);
            }
            else if (part.Digest != found.Digest)
            {
                throw new WeightsException($"The file {part.Key} does not have the digest {part.Digest} but {found.Digest}: it was changed or damaged, and is not used.");
            }

            return new WeightsLease.File(part.Key, found.Digest, file.Length, hold) { Unread = found.Unread };
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>A folder stands for the one model in it: how kserve's storage initializer mounts it.</summary>
    /// <exception cref="WeightsException">There is none in it, or more than one.</exception>
    public string Resolve(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        var models = Directory.EnumerateFiles(path, "*.gguf", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 })
            .Where(file => SplitName.TryParse(file) is not { Number: > 1 }) // the first part stands for the others
            .Take(3)
            .ToList();
        return models is [var one] ? one : throw new WeightsException($"The folder {path} has {(models.Count == 0 ? "no" : "more than one")} model (*.gguf): name the file.");
    }

    [LoggerMessage(3206, LogLevel.Information, "{Path} has the digest {Digest}: nobody said which it must have")]
    private static partial void LogComputed(ILogger logger, string path, string digest);
}
