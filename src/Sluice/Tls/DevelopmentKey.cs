namespace Sluice.Tls;

/// <summary>Specifies the kind of a key.</summary>
public enum DevelopmentKey
{
    /// <summary>ECDSA on the curve P-256: small and fast.</summary>
    EcdsaP256,

    /// <summary>RSA with 2048 bits, for peers that support nothing else.</summary>
    Rsa2048,
}
