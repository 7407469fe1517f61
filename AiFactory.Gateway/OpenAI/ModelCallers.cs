using AiFactory.Gateway.Auditing;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Batches.Running;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.OpenAI;

/// <summary>Who calls a model route, and which project's models they may name there.</summary>
internal sealed class ModelCallers(CurrentRoutes routes, CallerAuthenticator authenticator, AuditTrail audit)
{
    /// <summary>OpenAI's header for the project that a request is about; a key of the whole factory may name any, another only its own.</summary>
    public const string ProjectHeader = "OpenAI-Project";

    /// <summary>The project that a request of this caller is about; null where a caller of the whole factory named none.</summary>
    public static string? ProjectOf(HttpRequest request, Caller caller) =>
        request.Headers[ProjectHeader] is [{ Length: > 0 } project] ? project : caller.Identity.Project;

    /// <returns>Null when the caller is known and may use models.</returns>
    public OpenAIError? Find(HttpContext context, out Caller? caller, out ProjectRoutes? models)
    {
        caller = null;
        models = null;
        if (routes.Table is not { } table)
        {
            return OpenAIError.NotReady;
        }

        var outcome = authenticator.Authenticate(context.Request, table);
        if (outcome.Caller is not { } found)
        {
            return Deny(context, outcome.Denied, outcome.Error ?? OpenAIError.MissingKey);
        }

        var project = context.Request.Headers[ProjectHeader] is [{ Length: > 0 } named] ? named : null;
        if (project is null && found.Identity.Projects is { } projects)
        {
            // Whom a request is charged to is not for us to choose.
            return OpenAIError.ProjectRequired(projects);
        }

        if (!found.MayInvoke)
        {
            return Deny(context, found, OpenAIError.MissingPermission(Permissions.InferenceInvoke));
        }

        caller = found;
        models = found.Routes;
        if (project is not null && project != found.Identity.Project)
        {
            if (!found.Identity.CoversProject(project))
            {
                return Deny(context, found, OpenAIError.MismatchedProject);
            }

            // What is made up would have limits and rules of its own, which are nobody's. Of work that was taken before, whoever took it knew the project.
            if (!table.HasProject(project) && context.Features.Get<WorkOwner>() is null)
            {
                return OpenAIError.ProjectNotFound(project);
            }

            models = table.RoutesOf(project);
        }

        return null;
    }

    /// <summary>Whether the caller's key is limited to other models or operations. Asked before it is looked whether there is such a model, so that the answer tells nothing of others.</summary>
    /// <param name="operation">Null where a model is only looked at.</param>
    public OpenAIError? CheckScope(HttpContext context, Caller caller, ReadOnlySpan<char> model, Operation? operation) =>
        caller.Scope is not { } scope || (scope.Allows(model) && (operation is null || scope.Allows(operation)))
            ? null
            : Deny(context, caller, OpenAIError.KeyNotAllowed(scope.Key, scope.Text, model.ToString(), operation?.Scope));

    /// <summary>Why a name stands for no model that the caller may use. Whether another project has one of that name is told, and not which, nor how many: who is refused is to know that the name was right, and the audit that it was tried.</summary>
    public OpenAIError NotFound(HttpContext context, Caller caller, ProjectRoutes models, string name) =>
        models.Find(name) is null && routes.Table?.HasModel(name) is true
            ? Deny(context, caller, OpenAIError.ModelNotAllowed(name, maySwitch: caller.Identity is { FactoryWide: true } or { Projects: not null }))
            : OpenAIError.ModelNotFound(name);

    /// <summary>Into the audit, where it is known whose key or session it was.</summary>
    private OpenAIError Deny(HttpContext context, Caller? caller, OpenAIError error)
    {
        if (caller is not null)
        {
            audit.Add(caller.Identity, AuditTrail.ModelDenied, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "/v1", error.Reason);
        }

        return error;
    }
}
