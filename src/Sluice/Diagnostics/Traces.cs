using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Diagnostics;

/// <summary>Starts the activities of the source "Sluice". None is created without listeners.</summary>
internal static class Traces
{
    public const string SourceName = "Sluice";

    public static ActivitySource Source { get; } = new(SourceName, typeof(Traces).Assembly.GetName().Version?.ToString(3));

    /// <summary>Starts the activity of a connect, with all of its attempts.</summary>
    public static Activity? StartConnect(EndPoint target)
    {
        Activity? activity = Source.StartActivity("sluice.connect", ActivityKind.Client);
        AddTarget(activity, target);
        return activity;
    }

    /// <summary>Starts the activity of one attempt to connect to one address.</summary>
    public static Activity? StartAttempt(EndPoint address)
    {
        Activity? activity = Source.StartActivity("sluice.connect.attempt", ActivityKind.Client);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("network.peer.address", (address as IPEndPoint)?.Address.ToString() ?? address.ToString());
            activity.SetTag("network.peer.port", (address as IPEndPoint)?.Port);
        }

        return activity;
    }

    /// <summary>Starts the activity of an accepted connection that is served.</summary>
    public static Activity? StartAccepted(EndPoint remote)
    {
        Activity? activity = Source.StartActivity("sluice.accept", ActivityKind.Server);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("network.transport", remote.AddressFamily == AddressFamily.Unix ? "unix" : "tcp");
            activity.SetTag("client.address", (remote as IPEndPoint)?.Address.ToString() ?? remote.ToString());
            activity.SetTag("client.port", (remote as IPEndPoint)?.Port);
        }

        return activity;
    }

    /// <summary>Records a failure.</summary>
    public static void Fail(Activity? activity, Exception? failure)
    {
        if (activity is not null && failure is not null)
        {
            activity.SetStatus(ActivityStatusCode.Error, ExceptionText.Of(failure));
            activity.SetTag("error.type", SluiceMetrics.ErrorType(failure));
        }
    }

    /// <summary>Adds the end point of a listener.</summary>
    public static void AddServer(ref TagList tags, EndPoint listener)
    {
        if (listener is IPEndPoint ip)
        {
            tags.Add("server.address", ip.Address.ToString());
            tags.Add("server.port", ip.Port);
        }
        else
        {
            tags.Add("server.address", listener.ToString());
        }
    }

    private static void AddTarget(Activity? activity, EndPoint target)
    {
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        (string? address, int? port) = target switch
        {
            IPEndPoint ip => (ip.Address.ToString(), ip.Port),
            DnsEndPoint dns => (dns.Host, dns.Port),
            _ => (target.ToString(), (int?)null),
        };
        activity.SetTag("server.address", address);
        activity.SetTag("server.port", port);
    }
}
