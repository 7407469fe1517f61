using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Google.Protobuf.WellKnownTypes;
using Wire = AiFactory.Hosting.Dashboard.Proto;

namespace AiFactory.Hosting.Dashboard;

/// <summary>
/// A resource as the dashboard wants it. Name, type, display name, uid and time of creation, the display properties of a URL and the
/// value of a property must be there: without one of them its pages stay at "Loading" and say nothing.
/// </summary>
internal sealed class ResourceMessage(SecretMask mask, DateTime started)
{
    public Wire.Resource From(ResourceEvent change)
    {
        var snapshot = change.Snapshot;
        var resource = new Wire.Resource
        {
            Name = change.ResourceId,
            Uid = change.ResourceId,
            DisplayName = change.Resource.Name,
            ResourceType = snapshot.ResourceType,
            State = snapshot.State?.Text ?? "",
            StateStyle = Style(snapshot.State?.Style),
            IsHidden = snapshot.IsHidden || snapshot.State?.Text == KnownResourceStates.Hidden,
            CreatedAt = Time(snapshot.CreationTimeStamp ?? started),
            StartedAt = snapshot.StartTimeStamp is { } start ? Time(start) : null,
            StoppedAt = snapshot.StopTimeStamp is { } stop ? Time(stop) : null,
        };
        resource.Environment.AddRange(snapshot.EnvironmentVariables.Select(Variable));
        resource.Properties.AddRange(KnownProperties(change).Concat(snapshot.Properties.Select(Property)));
        resource.Urls.AddRange(snapshot.Urls.Select(Url));
        resource.HealthReports.AddRange(snapshot.HealthReports.Select(Health));
        resource.Relationships.AddRange(snapshot.Relationships.Select(r => new Wire.ResourceRelationship { ResourceName = r.ResourceName, Type = r.Type }));
        resource.Commands.AddRange(snapshot.Commands.Select(Command));
        return resource;
    }

    // A style wins over health there: "success" would show a replica green that is not well. And the page's word for "warn" is another.
    private static string Style(string? style)
        => style is null || style == KnownResourceStateStyles.Success ? ""
            : style == KnownResourceStateStyles.Warn ? "warning"
            : style;

    private Wire.EnvironmentVariable Variable(EnvironmentVariableSnapshot variable) => new()
    {
        Name = variable.Name,
        Value = mask.Hide(variable.Name, variable.Value ?? "", variable.IsSensitive),
        IsFromSpec = variable.IsFromSpec,
    };

    private Wire.ResourceProperty Property(ResourcePropertySnapshot property) => new()
    {
        Name = property.Name,
        Value = property.Value switch
        {
            // Arguments are called sensitive as a whole, but only what is known as a secret is kept from the dashboard.
            IEnumerable<string> list => Value.ForList([.. list.Select(item => Value.ForString(mask.HideKnown(item)))]),
            int number => Value.ForNumber(number),
            long number => Value.ForNumber(number),
            null => Value.ForNull(),
            var value => Value.ForString(mask.Hide(property.Name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", property.IsSensitive)),
        },
        IsSensitive = property.IsSensitive,
        // Names with a dot are the dashboard's own; all others it hides unless they are highlighted.
        IsHighlighted = !property.Name.Contains('.', StringComparison.Ordinal) && property.Name != Aspire.Hosting.ApplicationModel.KnownProperties.ParameterValue,
    };

    // The dashboard reads these from the properties, though the message has some of them already.
    private static IEnumerable<Wire.ResourceProperty> KnownProperties(ResourceEvent change)
    {
        var snapshot = change.Snapshot;
        yield return Known("uid", change.ResourceId);
        yield return Known("name", change.ResourceId);
        yield return Known("type", snapshot.ResourceType);
        yield return Known("displayName", change.Resource.Name);
        yield return Known("state", snapshot.State?.Text);
        yield return Known("exitCode", snapshot.ExitCode?.ToString(CultureInfo.InvariantCulture));
        yield return Known("createTime", snapshot.CreationTimeStamp?.ToString("O"));
        yield return Known("startTime", snapshot.StartTimeStamp?.ToString("O"));
        yield return Known("stopTime", snapshot.StopTimeStamp?.ToString("O"));
        yield return Known("healthState", snapshot.HealthStatus?.ToString());
        if (change.Resource is IResourceWithParent child)
        {
            yield return Known("parentName", child.Parent.ResourceIds()[0]);
        }
    }

    private static Wire.ResourceProperty Known(string name, string? value) => new()
    {
        Name = $"resource.{name}",
        Value = value is null ? Value.ForNull() : Value.ForString(value),
    };

    private static Wire.Url Url(UrlSnapshot url) => new()
    {
        EndpointName = url.Name ?? "",
        FullUrl = url.Url,
        IsInternal = url.IsInternal,
        IsInactive = url.IsInactive,
        DisplayProperties = new Wire.UrlDisplayProperties { DisplayName = url.DisplayProperties.DisplayName, SortOrder = url.DisplayProperties.SortOrder },
    };

    private Wire.HealthReport Health(HealthReportSnapshot report)
    {
        var message = new Wire.HealthReport
        {
            Key = report.Name,
            Description = mask.HideKnown(report.Description ?? ""),
            Exception = mask.HideKnown(report.ExceptionText ?? ""),
            LastRunAt = report.LastRunAt is { } run ? Time(run) : null,
        };
        if (report.Status is { } status)
        {
            message.Status = status switch
            {
                Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy => Wire.HealthStatus.Healthy,
                Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Degraded => Wire.HealthStatus.Degraded,
                _ => Wire.HealthStatus.Unhealthy,
            };
        }

        return message;
    }

    private static Wire.ResourceCommand Command(ResourceCommandSnapshot command) => new()
    {
        Name = command.Name,
        DisplayName = command.DisplayName,
        DisplayDescription = command.DisplayDescription ?? "",
        ConfirmationMessage = command.ConfirmationMessage ?? "",
        IconName = command.IconName ?? "",
        IconVariant = command.IconVariant == IconVariant.Filled ? Wire.IconVariant.Filled : Wire.IconVariant.Regular,
        IsHighlighted = command.IsHighlighted,
        State = command.State switch
        {
            ResourceCommandState.Enabled => Wire.ResourceCommandState.Enabled,
            ResourceCommandState.Disabled => Wire.ResourceCommandState.Disabled,
            _ => Wire.ResourceCommandState.Hidden,
        },
    };

    private static Timestamp Time(DateTime time) => Timestamp.FromDateTime(time.ToUniversalTime());
}
