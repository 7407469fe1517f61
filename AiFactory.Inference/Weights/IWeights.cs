namespace AiFactory.Inference.Weights;

/// <summary>Puts a model's files where llama.cpp can open them.</summary>
internal interface IWeights
{
    /// <summary>The file that a key stands for: itself, unless it is a folder.</summary>
    /// <exception cref="WeightsException">It stands for none, or for more than one.</exception>
    string Resolve(string key) => key;

    /// <param name="part">The whole model, or a part of it: the lease has one file.</param>
    /// <param name="progress">Told 0 to 1 while fetching.</param>
    /// <exception cref="WeightsException">It cannot be had; the message says why.</exception>
    Task<WeightsLease.File> AcquireAsync(WeightsPart part, Action<double> progress, CancellationToken cancellationToken);
}
