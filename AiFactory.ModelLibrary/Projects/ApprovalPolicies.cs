namespace AiFactory.ModelLibrary.Projects;

internal static class ApprovalPolicies
{
    /// <summary>Anyone with the permission approves.</summary>
    internal const string Single = "single";

    /// <summary>Never who brought the version in.</summary>
    internal const string SecondPerson = "second-person";

    internal static bool IsKnown(string policy) => policy is Single or SecondPerson;
}
