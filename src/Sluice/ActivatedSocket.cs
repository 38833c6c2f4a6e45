using System.Net.Sockets;

namespace Sluice;

/// <summary>A socket that a service manager made for this process; see <see cref="SocketActivation"/>.</summary>
/// <param name="Name">
/// Its name: <c>FileDescriptorName=</c> of the socket unit, or else the unit's name (systemd.socket(5)). Several can have the same.
/// </param>
/// <param name="Handle">The handle. Whoever takes it owns it.</param>
public sealed record ActivatedSocket(string Name, SafeSocketHandle Handle);
