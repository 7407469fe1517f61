using AiFactory.Contracts;
using AiFactory.Inference.OpenAI;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Serving;

/// <summary>The model that a request means, or the refusal.</summary>
internal sealed class ModelResolver(ModelRegistry registry)
{
    public OpenAIError? Resolve(HttpContext http, string? name, out ServedModel model)
    {
        // When a refusal is returned, nobody looks at the model.
        model = null!;
        switch (registry.Find(http.Request.Headers[WireHeaders.Deployment], name, http.GetIdentity()))
        {
            case ModelLookup.Found found:
                model = found.Model;
                return null;
            case ModelLookup.NotReady notReady:
                return OpenAIError.ModelNotReady(notReady.Name, notReady.Message is null ? notReady.State : $"{notReady.State} ({notReady.Message})");
            case ModelLookup.Unknown { Name: "" }:
                return OpenAIError.Invalid("You must provide a model parameter.", "model");
            default:
                return OpenAIError.ModelNotFound(name ?? "");
        }
    }
}
