using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Tables;

/// <summary>What is on sale.</summary>
internal static class ProductTable
{
    public static IReadOnlyList<Product> All { get; } =
    [
        new(97994, "CELLPHONES", "Celular", "Celular", "Apple", "iPhone 4S 32 GB", 90, 140),
        new(1055, "CELLPHONES", "Celular", "Celular", "Apple", "iPhone 13 128 GB", 620, 174),
        new(1055, "CELLPHONES", "Celular", "Celular", "Samsung", "Galaxy A54 128 GB 8 GB RAM", 330, 202),
        new(1055, "CELLPHONES", "Celular", "Celular", "Motorola", "Moto G84 256 GB 8 GB RAM", 290, 167),
        new(1055, "CELLPHONES", "Celular", "Celular", "Xiaomi", "Redmi Note 13 256 GB", 240, 189),
        new(3502, "CELLPHONE_COVERS", "Funda", "Capa", "Spigen", "Liquid Air", 14, 35),
        new(417704, "SMARTWATCHES", "Reloj Smartwatch", "Relógio Smartwatch", "Amazfit", "Bip 5", 85, 40),
        new(1053, "CORDLESS_TELEPHONES", "Teléfono Inalámbrico", "Telefone Sem Fio", "Panasonic", "KX-TGC350", 60, 300),
        new(430687, "NOTEBOOKS", "Notebook", "Notebook", "Lenovo", "IdeaPad 3 Ryzen 5 8 GB 512 GB SSD", 560, 1630),
        new(430687, "NOTEBOOKS", "Notebook", "Notebook", "HP", "15-fd0026 Core i5 16 GB 512 GB SSD", 690, 1590),
        new(1656, "MONITORS", "Monitor Gamer", "Monitor Gamer", "LG", "UltraGear 24 Pulgadas 144 Hz", 210, 3600),
        new(3794, "GRAPHICS_CARDS", "Placa De Video", "Placa De Vídeo", "Nvidia", "GeForce RTX 4060 8 GB", 360, 900),
        new(454379, "COMPUTER_MICE", "Mouse Inalámbrico", "Mouse Sem Fio", "Logitech", "M720 Triathlon", 45, 135),
        new(454379, "KEYBOARDS", "Teclado Mecánico", "Teclado Mecânico", "Redragon", "Kumara K552", 48, 740),
        new(430598, "HARD_DRIVES", "Disco Sólido SSD", "SSD", "Kingston", "A400 480 GB", 38, 41),
        new(400950, "TABLETS", "Tablet", "Tablet", "Samsung", "Galaxy Tab A9 64 GB", 170, 332),
        new(1002, "TELEVISIONS", "Smart TV", "Smart TV", "Samsung", "Crystal UHD 4K 50 Pulgadas", 420, 11_000),
        new(1002, "TELEVISIONS", "Televisor", "Televisor", "TCL", "QLED 4K 55 Pulgadas", 460, 12_300),
        new(409810, "HEADPHONES", "Auriculares Bluetooth", "Fones De Ouvido Bluetooth", "JBL", "Tune 520BT", 52, 157),
        new(409810, "SPEAKERS", "Parlante Portátil", "Caixa De Som Portátil", "JBL", "Flip 6", 115, 550),
        new(352001, "STREAMING_MEDIA_DEVICES", "Reproductor Streaming", "Reprodutor Streaming", "Google", "Chromecast 4 HD", 45, 55),
        new(438566, "GAME_CONSOLES", "Consola", "Console", "Sony", "PlayStation 5 Slim 1 TB", 560, 3200),
        new(438566, "GAME_CONSOLES", "Consola", "Console", "Nintendo", "Switch OLED 64 GB", 380, 420),
        new(373840, "VIDEO_GAMES", "Videojuego", "Jogo", "EA", "Sports FC 25 PS5", 60, 80),
        new(430361, "CAMERAS", "Cámara Digital", "Câmera Digital", "Canon", "EOS Rebel T7 18-55 mm", 590, 475),
        new(1618, "OVENS", "Horno Eléctrico", "Forno Elétrico", "Atma", "HG4523 45 L", 110, 9000),
        new(1576, "REFRIGERATORS", "Heladera", "Geladeira", "Whirlpool", "No Frost 340 L", 640, 62_000),
        new(438282, "WASHING_MACHINES", "Lavarropas", "Máquina De Lavar", "LG", "Inverter 8.5 Kg", 610, 58_000),
        new(438284, "COFFEE_MAKERS", "Cafetera", "Cafeteira", "Nespresso", "Essenza Mini", 150, 2300),
        new(385177, "AIR_CONDITIONERS", "Aire Acondicionado Split", "Ar Condicionado Split", "BGH", "Inverter 3000 Frigorías", 570, 34_000),
        new(5228, "ELECTRIC_DRILLS", "Taladro Percutor", "Furadeira De Impacto", "Bosch", "GSB 13 RE 650 W", 75, 1700),
        new(5235, "TOOL_SETS", "Juego De Herramientas", "Jogo De Ferramentas", "Stanley", "110 Piezas", 95, 6500),
        new(1292, "BICYCLES", "Bicicleta Mountain Bike", "Bicicleta Mountain Bike", "Venzo", "Raptor Rodado 29", 420, 14_500),
        new(3724, "SNEAKERS", "Zapatillas", "Tênis", "Adidas", "Runfalcon 3.0", 70, 620),
        new(1285, "SOCCER_BALLS", "Pelota De Fútbol", "Bola De Futebol", "Adidas", "Al Rihla Training", 30, 430),
        new(1338, "DUMBBELLS", "Mancuernas", "Halteres", "Proyec", "Kit 20 Kg", 48, 20_000),
        new(1592, "COOKWARE_SETS", "Batería De Cocina", "Jogo De Panelas", "Tramontina", "Turim 7 Piezas", 85, 4200),
        new(436380, "SOFAS", "Sillón Sofá", "Sofá", "Delos", "3 Cuerpos Chenille", 340, 38_000),
        new(1271, "PERFUMES", "Perfume", "Perfume", "Carolina Herrera", "Good Girl 80 ml", 140, 420),
        new(4611, "GUITARS", "Guitarra Criolla", "Violão", "Yamaha", "C40", 165, 1800),
        new(455425, "TOY_BUILDING_SETS", "Bloques", "Blocos", "Lego", "Classic 790 Piezas", 62, 1200),
        new(412445, "BOOKS", "Libro", "Livro", "Debolsillo", "Cien Años De Soledad", 18, 410),
        new(431677, "WRISTWATCHES", "Reloj", "Relógio", "Casio", "F-91W", 28, 21),
        new(1072, "PET_FOODS", "Alimento Perro Adulto", "Ração Cão Adulto", "Royal Canin", "Medium 15 Kg", 82, 15_000),
        new(400928, "AUTOMOTIVE_TIRES", "Neumático", "Pneu", "Pirelli", "P1 Cinturato 185/60 R15", 105, 7800),
    ];
}
