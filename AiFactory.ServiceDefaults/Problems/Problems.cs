using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace AiFactory.ServiceDefaults.Problems;

/// <summary>The problems that endpoints answer (RFC 9457), with their types from <see cref="ProblemTypes"/>.</summary>
public static class Problems
{
    /// <param name="kind">For example <c>deployment</c>.</param>
    public static ProblemHttpResult NotFound(string kind, string id) => Of(StatusCodes.Status404NotFound, $"There is no {kind} '{id}'.");

    public static ProblemHttpResult NotFound(string kind, Guid id) => NotFound(kind, id.ToString());

    public static ProblemHttpResult BadRequest(string detail) => Of(StatusCodes.Status400BadRequest, detail);

    public static ProblemHttpResult Unauthenticated(string detail) => Of(StatusCodes.Status401Unauthorized, detail);

    public static ProblemHttpResult Forbidden(string detail) => Of(StatusCodes.Status403Forbidden, detail);

    public static ProblemHttpResult Conflict(string detail) => Of(StatusCodes.Status409Conflict, detail);

    public static ProblemHttpResult PreconditionFailed(string detail) => Of(StatusCodes.Status412PreconditionFailed, detail);

    public static ProblemHttpResult TooMany(string detail) => Of(StatusCodes.Status429TooManyRequests, detail);

    public static ProblemHttpResult Unavailable(string detail) => Of(StatusCodes.Status503ServiceUnavailable, detail);

    /// <summary>A 400 that lists what is wrong with each field, under <c>errors</c>.</summary>
    /// <param name="errors">JSON path of a field to its complaints.</param>
    public static ProblemHttpResult Validation(IDictionary<string, string[]> errors) =>
        TypedResults.Problem(new HttpValidationProblemDetails(errors)
        {
            Status = StatusCodes.Status400BadRequest,
            Type = ProblemTypes.Validation,
            Title = "The request is not valid",
            Detail = string.Join(" ", errors.SelectMany(field => field.Value)),
        });

    /// <summary>A 400 with one complaint about one field.</summary>
    public static ProblemHttpResult Validation(string field, string complaint) =>
        Validation(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [complaint] });

    /// <summary>A problem of the catalogue with that status.</summary>
    public static ProblemHttpResult Of(int status, string? detail) => TypedResults.Problem(Details(status, detail));

    internal static ProblemDetails Details(int status, string? detail)
    {
        var known = ProblemTypes.ForStatus(status);
        return new ProblemDetails { Status = status, Type = known?.Type, Title = known?.Title, Detail = detail };
    }
}
