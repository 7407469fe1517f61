namespace AiFactory.ModelLibrary.Deployments.Local;

internal sealed record WorkerView(string BaseUrl, Liveness Liveness);
