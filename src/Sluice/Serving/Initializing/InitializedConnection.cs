using System.Net.Sockets;

namespace Sluice.Serving.Initializing;

/// <summary>A connection that is initialized, or the failure of an accept.</summary>
/// <param name="Socket">The connection; null after a failure.</param>
/// <param name="Error">The failure.</param>
/// <param name="Observed">Completed when a caller has received the failure.</param>
internal sealed record InitializedConnection(StreamSocket? Socket, SocketException? Error, TaskCompletionSource? Observed);
