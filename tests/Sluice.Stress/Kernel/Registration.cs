namespace Sluice.Stress.Kernel;

/// <summary>What a descriptor is registered for at an epoll instance.</summary>
/// <param name="Epoll">The epoll instance.</param>
/// <param name="Events">The events.</param>
/// <param name="Data">The data that an event carries.</param>
/// <param name="IsStream">Whether the descriptor is that of a stream socket.</param>
internal sealed record Registration(int Epoll, uint Events, ulong Data, bool IsStream);
