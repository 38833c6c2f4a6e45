using System.Net.Sockets;

namespace Sluice;

/// <summary>Represents a socket that a service manager has opened for this process; see <see cref="SocketActivation"/>.</summary>
/// <param name="Name">
/// The name: <c>FileDescriptorName=</c> of the socket unit, or else the name of the unit (systemd.socket(5)). Several sockets can have the same name.
/// </param>
/// <param name="Handle">The handle, which the caller owns.</param>
public sealed record ActivatedSocket(string Name, SafeSocketHandle Handle);
