using System.Net;
using System.Net.Sockets;
using Sluice.Cli.EndPoints;
using Sluice.Engine;

namespace Sluice.Cli.Relay;

/// <summary>Connects a client of a relay to one of its targets.</summary>
internal sealed class TargetConnector(RelayPlan plan)
{
    /// <summary>
    /// Connects to the best target that answers. The next one is tried when one does not: the client notices only that it took longer. Null, after a message,
    /// if there is none.
    /// </summary>
    public async Task<(Target Target, Link Link)?> ConnectAsync(Link client, CancellationToken cancellationToken)
    {
        foreach (Target target in plan.Targets.InOrder())
        {
            target.Enter();
            try
            {
                ThrowIfScarce();
                Link link = await plan.Dialer.OpenAsync(target.Address, cancellationToken, HeaderOf(client, plan.Arguments.SendProxy));
                if (target.MarkUp())
                {
                    plan.Log.TargetUp(target);
                }

                return (target, link);
            }
            catch (Exception exception) when (Failures.IsLocalShortage(exception))
            {
                // Says nothing about the target, and the next one would fare no better.
                target.Leave();
                plan.Log.Refused(client.Name, Failures.MessageOf(exception));
                return null;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && Failures.IsExpected(exception))
            {
                target.Leave();
                if (target.MarkDown(TimeProvider.System.GetTimestamp()))
                {
                    plan.Log.TargetDown(target, Failures.MessageOf(exception));
                }
            }
            catch
            {
                target.Leave();
                throw;
            }
        }

        plan.Log.Refused(client.Name, "no target answers");
        return null;
    }

    // The last descriptors are for what the runtime opens: a process without one ends (ServeOptions.MaxConnections).
    private void ThrowIfScarce()
    {
        if (plan.ExceedsDescriptors && !DescriptorLimit.HasRoom())
        {
            throw new SocketException((int)SocketError.TooManyOpenSockets);
        }
    }

    private static ProxyHeader? HeaderOf(Link client, ProxyProtocolVersion? wanted) => (wanted, client.Connection) switch
    {
        (null, _) => null,
        ({ } version, { Socket.ProxyHeader: { Source: { } source, Destination: { } destination } }) => new ProxyHeader(source, destination, version),
        ({ } version, { RemoteEndPoint: IPEndPoint source, LocalEndPoint: IPEndPoint destination }) => new ProxyHeader(source, destination, version),
        ({ } version, _) => ProxyHeader.Local(version),
    };
}
