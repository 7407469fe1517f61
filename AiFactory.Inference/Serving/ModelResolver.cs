using AiFactory.Contracts;
using AiFactory.Inference.OpenAI;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Serving;

/// <summary>The model that a request means, held for it, or the refusal.</summary>
internal sealed class ModelResolver(ModelRegistry registry)
{
    public OpenAIError? Resolve(HttpContext http, string? name, out ModelUse use)
    {
        // When a refusal is returned, nobody looks at the use.
        use = null!;

        // A model that was found this moment may have been replaced the next; then its successor is there already.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            switch (registry.Find(http.Request.Headers[WireHeaders.Deployment], name, http.GetIdentity()))
            {
                case ModelLookup.Found found when found.Model.TryUse() is { } held:
                    use = held;
                    return null;
                case ModelLookup.Found:
                    continue;
                case ModelLookup.NotReady notReady:
                    return OpenAIError.ModelNotReady(notReady.Name, notReady.Message is null ? notReady.State : $"{notReady.State} ({notReady.Message})");
                case ModelLookup.Unknown { Name: "" }:
                    return OpenAIError.Invalid("You must provide a model parameter.", "model");
                default:
                    return OpenAIError.ModelNotFound(name ?? "");
            }
        }

        return OpenAIError.Stopping();
    }
}
