namespace AiFactory.ModelLibrary.Workers;

/// <summary>Asks whether anything listens at a silent worker's address.</summary>
internal interface IWorkerProbe
{
    /// <summary>True only when the machine answered that nothing listens there: the process is gone. False when it listens, or when it is not known.</summary>
    Task<bool> IsGoneAsync(string baseUrl, CancellationToken cancellationToken);
}
